"""REST for datasets: what there is, importing one, and how a person describes it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool

from dashboard.api.dependencies import ACTOR, Bench, Body, IfMatch, RecordId, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.api.views import DatasetView, dataset_view
from dashboard.uploads import on_disk, read_upload
from workbench.commands.base import CommandError
from workbench.datasets import ImportOptions, parse_size
from workbench.state import DatasetRecord
from workbench.workbench import Workbench

router = APIRouter(prefix="/datasets", tags=["datasets"], responses=ERRORS, route_class=IdempotentRoute)


class DatasetQuery(PageQuery):
    """Filters of the list of datasets."""

    family: str | None = Field(None, max_length=50)


class ChangeDataset(Body):
    """Changes of a dataset's words; its data never changes."""

    name: str | None = Field(None, min_length=1, max_length=120)
    notes: str | None = Field(None, max_length=10_000)


class Named(Body):
    """What an imported dataset is called, and whose it is."""

    name: str = Field(min_length=1, max_length=100, description="Unique among datasets; the id is made from it.")
    family: str | None = Field(None, max_length=50, description="Left out: the first family that takes in data.")


class ImportDataset(Named):
    """A dataset to import from below TRELLIS_DATA, the server's folder of datasets."""

    path: str = Field(min_length=1, max_length=1000, description="An .npz file or a folder of pictures, relative to TRELLIS_DATA.")
    size: str | None = Field(None, pattern=r"^[0-9]{1,3}x[0-9]{1,3}$", description="Pixels that pictures are fitted to: 28x28.")
    skip_broken: bool = Field(False, description="Leave out pictures that cannot be read.")


class UploadDataset(Named):
    """A dataset to import from an uploaded .npz file."""


class ImportedDataset(DatasetView):
    """A dataset that was imported just now."""

    skipped: list[str] = Field(description="Files that were left out, with reasons.")


def _upload_schema() -> dict[str, Any]:
    schema = UploadDataset.model_json_schema()
    content = {"type": "string", "format": "binary", "description": "An .npz file with images (and labels, names)."}
    return schema | {"properties": {"file": content, **schema["properties"]}, "required": ["file", *schema["required"]]}


_BODIES = {
    "required": True,
    "content": {
        "application/json": {"schema": ImportDataset.model_json_schema()},
        "multipart/form-data": {"schema": _upload_schema()},
    },
}


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


@router.post("", status_code=201, dependencies=[IDEMPOTENT], openapi_extra={"requestBody": _BODIES})
async def import_dataset(bench: Bench, request: Request, response: Response) -> ImportedDataset:
    """Make a dataset of people's own images: an uploaded .npz file, or a file or folder that lies in TRELLIS_DATA."""
    body, content_type = await request.body(), request.headers.get("content-type", "")
    upload = content_type.lower().startswith("multipart/form-data")
    record, skipped = (
        await run_in_threadpool(_uploaded, bench, body, content_type) if upload else await run_in_threadpool(_named, bench, body)
    )
    response.headers["Location"] = f"/api/datasets/{record.id}"
    return ImportedDataset(**_show(bench, record.id, response).model_dump(), skipped=list(skipped))


def _uploaded(bench: Workbench, body: bytes, content_type: str) -> tuple[DatasetRecord, tuple[str, ...]]:
    upload = read_upload(body, content_type)
    try:
        asked = UploadDataset.model_validate(upload.fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    with on_disk(upload.name, upload.content) as path:
        return bench.datasets.import_data(actor=ACTOR, path=path, name=asked.name, family=asked.family, original=upload.name)


def _named(bench: Workbench, body: bytes) -> tuple[DatasetRecord, tuple[str, ...]]:
    try:
        asked = ImportDataset.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    options = ImportOptions(parse_size(asked.size) if asked.size else None, asked.skip_broken)
    return bench.datasets.import_named(actor=ACTOR, path=asked.path, name=asked.name, family=asked.family, options=options)


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


@router.delete("/{dataset_id}", status_code=204)
def delete_dataset(bench: Bench, dataset_id: RecordId) -> None:
    """Delete a dataset, unless models use it; POST to its `restore` brings it back."""
    bench.datasets.delete(actor=ACTOR, dataset_id=dataset_id)


@router.post("/{dataset_id}/restore")
def restore_dataset(bench: Bench, dataset_id: RecordId, response: Response) -> DatasetView:
    """Bring a deleted dataset back; if its name is taken, " (2)" is added."""
    return _show(bench, bench.datasets.restore(actor=ACTOR, dataset_id=dataset_id).id, response)


@router.post("/{dataset_id}/prepare")
def prepare_dataset(bench: Bench, dataset_id: RecordId, response: Response) -> DatasetView:
    """Read the dataset (fetching it if need be) and record what it is made of."""
    _find(bench, dataset_id)
    bench.datasets.load(dataset_id)
    return _show(bench, dataset_id, response)
