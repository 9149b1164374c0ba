"""REST for datasets: what there is, and how a person describes it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from dashboard.api.dependencies import ACTOR, Bench, Body, IfMatch, RecordId, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.api.views import DatasetView, dataset_view
from workbench.commands.base import CommandError
from workbench.state import DatasetRecord
from workbench.workbench import Workbench

router = APIRouter(prefix="/datasets", tags=["datasets"], responses=ERRORS)


class DatasetQuery(PageQuery):
    """Filters of the list of datasets."""

    family: str | None = Field(None, max_length=50)


class ChangeDataset(Body):
    """Changes of a dataset's words; its data never changes."""

    name: str | None = Field(None, min_length=1, max_length=120)
    notes: str | None = Field(None, max_length=10_000)


def _find(bench: Workbench, dataset_id: str) -> DatasetRecord:
    record = bench.state().datasets.get(dataset_id)
    if record is None or record.deleted_at is not None:
        raise CommandError(f"no dataset has the id {dataset_id!r}", code="not_found")
    return record


def _show(bench: Workbench, dataset_id: str, response: Response) -> DatasetView:
    state = bench.state()
    set_version(response, state.versions.get(dataset_id, 0))
    return dataset_view(state, state.datasets[dataset_id])


@router.get("")
def list_datasets(bench: Bench, query: Annotated[DatasetQuery, Query()]) -> Page[DatasetView]:
    """All datasets."""
    state = bench.state()
    chosen = [d for d in state.datasets.values() if d.deleted_at is None and query.family in (None, d.family)]
    items = [dataset_view(state, d) for d in chosen]
    keys = {name: (lambda item, name=name: getattr(item, name)) for name in ("name", "family", "status", "n")}
    return page_of(items, query, keys=keys, default_sort="name", identity=lambda i: i.id, show=lambda i: i)


@router.get("/{dataset_id}")
def read_dataset(bench: Bench, dataset_id: RecordId, response: Response) -> DatasetView:
    """One dataset."""
    _find(bench, dataset_id)
    return _show(bench, dataset_id, response)


@router.patch("/{dataset_id}")
def change_dataset(bench: Bench, dataset_id: RecordId, body: ChangeDataset, version: IfMatch, response: Response) -> DatasetView:
    """Rename or annotate a dataset."""
    _find(bench, dataset_id)
    bench.datasets.update(actor=ACTOR, dataset_id=dataset_id, name=body.name, notes=body.notes, expected_version=version)
    return _show(bench, dataset_id, response)


@router.post("/{dataset_id}/prepare")
def prepare_dataset(bench: Bench, dataset_id: RecordId, response: Response) -> DatasetView:
    """Read the dataset (fetching it if need be) and record what it is made of."""
    _find(bench, dataset_id)
    bench.datasets.load(dataset_id)
    return _show(bench, dataset_id, response)
