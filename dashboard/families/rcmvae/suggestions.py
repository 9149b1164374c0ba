"""REST for what to label next: a model's unlabelled training samples, most useful first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dashboard.api.dependencies import Bench, Body, ModelId
from dashboard.api.errors import ERRORS
from rcmvae.active import asking
from rcmvae.suggestions import DEFAULT_STRATEGY, MOST_AT_ONCE

router = APIRouter(prefix="/models/{model_id}", tags=["labels"], responses=ERRORS)


class SuggestionQuery(Body):
    """How to choose."""

    strategy: str = Field(DEFAULT_STRATEGY, max_length=50)
    n: int = Field(20, ge=1, le=MOST_AT_ONCE, description="How many samples.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Of what is drawn at random.")
    diverse: bool = Field(True, description="Spread the batch over the latent space instead of taking the best scores as they are.")
    blend: float = Field(0.0, ge=0, le=1, description="Share of the reconstruction in the score of `ood`.")


class SuggestionView(BaseModel):
    """A sample to label."""

    index: int = Field(description="Row of the dataset, as labels name it.")
    score: float = Field(description="Higher = ask first; what it measures is the strategy's.")
    predicted: int | None = Field(description="Number of the class the model would give it; null without labels.")
    class_name: str | None
    certainty: float | None
    why: str = Field(description="One sentence that says why it is worth a question.")


class StrategyView(BaseModel):
    """A strategy, and why it can say nothing about this model now."""

    name: str
    title: str
    sentence: str
    disabled: str | None = Field(description="The reason; null if it can be used.")


class SuggestionsView(BaseModel):
    """Samples to label next, most useful first."""

    items: list[SuggestionView]
    total: int = Field(description="Samples in `items`.")
    next: None = None
    left: int = Field(description="Unlabelled training samples in all.")
    strategy: str
    strategies: list[StrategyView]


@router.get("/suggestions")
def suggest(bench: Bench, model_id: ModelId, query: Annotated[SuggestionQuery, Query()]) -> SuggestionsView:
    """Which samples to label next, by the diagnostics of the model's present weights. `bald` needs the command line."""
    found = asking.suggest(bench, model_id, **query.model_dump())
    names = bench.models.get(model_id).payload["class_names"]
    items = [
        SuggestionView(**asdict(item), class_name=None if item.predicted is None else names[item.predicted]) for item in found.items
    ]  # fmt: skip
    return SuggestionsView(
        items=items,
        total=len(items),
        left=found.left,
        strategy=found.strategy,
        strategies=[StrategyView(**asdict(s)) for s in found.strategies],
    )
