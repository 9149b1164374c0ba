"""Stored models as cards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, empty_state, link_button
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.cards import Card, framed, listed, nothing_fits
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models.recipes import recipes
from dashboard.live.words import plural
from recsys.model.architecture import ModelKind
from recsys.model.optimizers import RECOMMENDED
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.summaries import effective_summary, head_summary, type_label
from recsys.records import ModelConfigRecord


@dataclass(frozen=True, kw_only=True)
class ModelCard(Card):
    """A stored model, its network measured at the assumed widths."""

    type: ModelKind
    buyer: str
    product: str
    head: str
    output: int
    optimizer: str
    batch: int
    epochs: int
    parameters: int

    @property
    def towers(self) -> str:
        """Both towers' widths in a line; once where they are the same."""
        return self.buyer if self.buyer == self.product else f"{self.buyer} / {self.product}"

    @property
    def group(self) -> str:
        return self.type

    @property
    def words(self) -> tuple[str, ...]:
        return (type_label(self.type), self.towers)


def card_of(record: ModelConfigRecord, tests: int) -> ModelCard:
    """A stored model as its card shows it.

    Args:
        tests: how many tests have used it.
    """
    model = record.recommender
    plan = network_plan(model, *ASSUMED_DIMS)
    training = model.training
    return ModelCard(
        id=record.id, number=record.number, name=record.name, updated_at=record.updated_at, tests=tests, tags=record.tags,
        type=model.model_type, buyer=effective_summary(plan.buyer), product=effective_summary(plan.product),
        head=head_summary(model.architecture.rating_head_layers), output=model.architecture.output_embedding_dim,
        optimizer=f"{RECOMMENDED[training.optimizer].name} at {training.learning_rate:g}", batch=training.batch_size, epochs=training.epochs,
        parameters=dense_count(plan).total,
    )  # fmt: skip


def drawn(cards: Sequence[ModelCard], picked: Sequence[str], most: int) -> Component:
    """The first cards, or what to do where none fits."""
    if not cards:
        return nothing_fits(MODELS, "No model fits")
    return listed([_card(card, card.id in picked) for card in cards[:most]])


def nothing_yet() -> Component:
    """What the chapter says before the first model."""
    text = (
        "A model is two towers that turn a buyer's and a product's features into vectors, and how they are trained. It knows no data, "
        "so one model can be tested with many features."
    )
    action = MODELS.list_id("action")
    make = button("Start with the Standard preset", kind="primary", icon_name="plus-lg", **act(action, "standard"))
    return html.Div([empty_state("No model yet", text, actions=[make, link_button("Build one", addresses.new_model())]), recipes(action)])


def _card(card: ModelCard, picked: bool) -> Component:
    pairs = [("Towers", card.towers), *([("Head", card.head)] if card.head != "None" else []), ("Embedding", f"{card.output} dimensions")]
    pairs += [
        ("Trains", f"{card.optimizer}, batches of {card.batch:,}, {plural(card.epochs, 'epoch')}"),
        ("Parameters", f"{card.parameters:,} dense at 100/50"),
    ]
    words = html.Dl([part for label, value in pairs for part in (html.Dt(label), html.Dd(value))], className="words")
    return framed(MODELS, card, badge(type_label(card.type), "info"), [words], picked=picked)
