"""REST for a model's labels: what the model may see, changed all or none."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dashboard.api.dependencies import ACTOR, Bench, Body, RecordId
from dashboard.api.errors import ERRORS
from dashboard.api.paging import Page, PageQuery, page_of
from workbench.state import LabelValue

router = APIRouter(prefix="/models/{model_id}", tags=["labels"], responses=ERRORS)

Index = Annotated[int, Field(ge=0, le=2**31 - 1, description="Row of the dataset; it never changes.")]


class LabelView(BaseModel):
    """One label."""

    index: int
    label: int = Field(description="Number of the class in the model's class_names.")
    class_name: str
    source: str = Field(description="given, person or imported.")


class ChangeLabels(Body):
    """Labels to set and to clear; all of them, or none."""

    set: dict[Annotated[str, Field(pattern=r"^\d{1,9}$")], Annotated[int, Field(ge=0, le=10_000)]] = Field(
        default_factory=dict, max_length=100_000, description="Row of the dataset -> number of the class."
    )
    clear: list[Index] = Field(default_factory=list, max_length=100_000)


class AddClass(Body):
    """A class added while the model lives."""

    name: str = Field(min_length=1, max_length=80)


class ClassesView(BaseModel):
    """A model's label vocabulary."""

    class_names: list[str]


def _views(bench: Bench, model_id: str) -> list[LabelView]:
    names = bench.models.get(model_id).class_names
    labels: dict[int, LabelValue] = dict(bench.models.labels(model_id))
    return [LabelView(index=i, label=v.label, class_name=names[v.label], source=v.source) for i, v in labels.items()]


@router.get("/labels")
def list_labels(bench: Bench, model_id: RecordId, query: Annotated[PageQuery, Query()]) -> Page[LabelView]:
    """The labels that the model may see."""
    keys = {"index": lambda v: v.index, "label": lambda v: v.label, "source": lambda v: v.source}
    return page_of(_views(bench, model_id), query, keys=keys, default_sort="index", identity=lambda v: v.index, show=lambda v: v)


@router.patch("/labels")
def change_labels(bench: Bench, model_id: RecordId, body: ChangeLabels) -> Page[LabelView]:
    """Set and clear labels; answers with the labels named in `set` as they are now."""
    bench.models.get(model_id)
    wanted = {int(index): label for index, label in body.set.items()}
    bench.models.change_labels(actor=ACTOR, model_id=model_id, labels=wanted, clear=tuple(body.clear))
    items = [view for view in _views(bench, model_id) if view.index in wanted]
    return Page(items=items, total=len(items), next=None)


@router.post("/classes", status_code=201)
def add_class(bench: Bench, model_id: RecordId, body: AddClass) -> ClassesView:
    """Add a class to the model's vocabulary; refused when there is no room for it."""
    return ClassesView(class_names=list(bench.models.add_label_name(actor=ACTOR, model_id=model_id, name=body.name).class_names))
