"""REST for a model's labels: what the model may see, changed all or none, and as CSV."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field, StrictInt
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, ModelId, acting_as
from dashboard.api.errors import ERRORS
from dashboard.api.paging import Page, PageQuery, page_of
from rcmvae.holding import held
from rcmvae.labels.commands import Proposal
from rcmvae.labels.service import LabelService
from workbench.commands.base import CommandError
from workbench.state import ModelRecord
from workbench.workbench import Workbench

router = APIRouter(prefix="/models/{model_id}", tags=["labels"], responses=ERRORS)

Row = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,8})$", description="Row of the dataset, without leading zeros.")]
Index = Annotated[StrictInt, Field(ge=0, le=2**31 - 1, description="Row of the dataset; it never changes.")]
ClassNumber = Annotated[StrictInt, Field(ge=0, le=10_000)]
ClassPath = Annotated[int, Path(ge=0, le=10_000, description="Number of the class.")]

_CSV: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "description": "Columns index,label; a label is a class's name or number."}}},
    }
}


class LabelView(BaseModel):
    """One label."""

    index: int
    label: int = Field(description="Number of the class in the model's class_names.")
    class_name: str
    source: str = Field(description="given, person or imported.")
    proposed_by: Proposal | None = Field(description="What proposed to label it; null where nothing did.")


class ChangeLabels(Body):
    """Labels to set and to clear; all of them, or none."""

    set: dict[Row, ClassNumber] = Field(default_factory=dict, max_length=100_000, description="Row of the dataset -> number of the class.")
    clear: list[Index] = Field(default_factory=list, max_length=100_000)


class AddClass(Body):
    """A class added while the model lives."""

    name: str = Field(min_length=1, max_length=80)


class ChangeClass(Body):
    """Another name for a class, or a class to merge it into; one of the two."""

    name: str | None = Field(None, min_length=1, max_length=80)
    merge_into: ClassNumber | None = Field(None, description="Number of the class that takes over its labels.")


class ClassesView(BaseModel):
    """A model's label vocabulary."""

    class_names: list[str]
    merged: dict[int, int] = Field(description="Number of a class -> number of the class that it was merged into.")


class ImportedLabels(BaseModel):
    """What an import did."""

    labelled: int = Field(description="Samples that the file labels.")


def _views(bench: Workbench, model_id: str) -> list[LabelView]:
    names = bench.models.get(model_id).payload["class_names"]
    service = LabelService(bench)
    labels, proposals = service.of(model_id), service.proposals(model_id)
    return [
        LabelView(index=i, label=v.label, class_name=names[v.label], source=v.source, proposed_by=proposals.get(i))
        for i, v in labels.items()
    ]  # fmt: skip


@router.get("/labels")
def list_labels(bench: Bench, model_id: ModelId, query: Annotated[PageQuery, Query()]) -> Page[LabelView]:
    """The labels that the model may see."""
    keys = {"index": lambda v: v.index, "label": lambda v: v.label, "source": lambda v: v.source}
    return page_of(
        _views(bench, model_id), query, keys=keys, default_sort="index", identity=lambda v: v.index, show=lambda v: v
    )  # fmt: skip


@router.patch("/labels")
@needs("label")
def change_labels(bench: Bench, model_id: ModelId, body: ChangeLabels) -> Page[LabelView]:
    """Set and clear labels; answers with the labels named in `set` as they are now."""
    bench.models.get(model_id)
    wanted = {int(index): label for index, label in body.set.items()}
    LabelService(bench).change(actor=acting_as(), model_id=model_id, labels=wanted, clear=tuple(body.clear))
    items = [view for view in _views(bench, model_id) if view.index in wanted]
    return Page(items=items, total=len(items), next=None)


@router.get("/labels/csv", response_class=Response, responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}})
def export_labels(
    bench: Bench,
    model_id: ModelId,
    proposals: Annotated[bool, Query(description="Also what proposed each sample: columns strategy, run, score.")] = False,
) -> Response:
    """The labels as CSV with the columns index,label, classes by name; importing it again changes nothing."""
    text = LabelService(bench).export_csv(model_id, proposals=proposals)
    headers = {"Content-Disposition": f'attachment; filename="labels-{model_id}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/labels/csv", openapi_extra=_CSV)
@needs("label")
async def import_labels(bench: Bench, model_id: ModelId, request: Request) -> ImportedLabels:
    """Set labels from CSV (separated by commas, semicolons or tabs); one bad line, and nothing is applied: each is told by line."""
    content = await request.body()
    labelled = await run_in_threadpool(LabelService(bench).import_csv, actor=acting_as(), model_id=model_id, content=content)
    return ImportedLabels(labelled=labelled)


@router.post("/classes", status_code=201)
@needs("label")
def add_class(bench: Bench, model_id: ModelId, body: AddClass) -> ClassesView:
    """Add a class to the model's vocabulary; refused when the model can learn no further one."""
    record = LabelService(bench).add_name(actor=acting_as(), model_id=model_id, name=body.name)
    return _classes(record)


@router.patch("/classes/{number}")
@needs("label")
def change_class(bench: Bench, model_id: ModelId, number: ClassPath, body: ChangeClass) -> ClassesView:
    """Rename a class, or merge it into another, which takes over its labels. A merged class keeps its number, and takes no more labels."""
    service = LabelService(bench)
    if (body.name is None) == (body.merge_into is None):
        raise CommandError("Give name or merge_into, one of the two.", "name")
    if body.name is not None:
        return _classes(service.rename_class(actor=acting_as(), model_id=model_id, number=number, name=body.name))
    assert body.merge_into is not None
    return _classes(service.merge_classes(actor=acting_as(), model_id=model_id, number=number, into=body.merge_into))


def _classes(record: ModelRecord) -> ClassesView:
    kept = held(record)
    return ClassesView(class_names=list(kept.class_names), merged=kept.merged)
