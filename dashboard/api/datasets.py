"""REST for datasets: what there is, importing one, and how a person describes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, IfMatch, RecordId, acting_as, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.api.views import DatasetView, dataset_view
from dashboard.uploads import on_disk, read_upload
from workbench.commands.base import CommandError
from workbench.families import Family, all_families
from workbench.looks import Look
from workbench.services.imports import Imported
from workbench.state import DatasetRecord
from workbench.workbench import Workbench

_T = TypeVar("_T", bound=BaseModel)

sources = APIRouter(prefix="/data-sources", tags=["datasets"], responses=ERRORS)
router = APIRouter(prefix="/datasets", tags=["datasets"], responses=ERRORS, route_class=IdempotentRoute)


class DatasetQuery(PageQuery):
    """Filters of the list of datasets."""

    family: str | None = Field(None, max_length=50)
    source: str | None = Field(None, max_length=100, description="What it was made of: a source's id, or a kind of file.")
    status: Literal["available", "missing", "preparing", "ready", "failed"] | None = None


class AmendDataset(Body):
    """What an imported dataset's content stands for, said otherwise; the content never changes."""

    amendments: dict[str, Any] = Field(description="As /api/data-sources says of the family, such as the roles of columns.")


class ChangeDataset(Body):
    """Changes of a dataset, all of them or none; its data never changes."""

    name: str | None = Field(None, min_length=1, max_length=120)
    notes: str | None = Field(None, max_length=10_000)
    amendments: dict[str, Any] | None = Field(None, description="As for `amend`: of imported data that nothing uses yet.")


class Named(Body):
    """What an imported dataset is called, and whose it is."""

    name: str = Field(min_length=1, max_length=100, description="Unique among datasets; the id is made from it.")
    family: str | None = Field(None, max_length=50, description="Left out: the first family that reads such a file.")


class ImportDataset(Named):
    """A dataset to import from below TRELLIS_DATA, the server's folder of datasets."""

    model_config = ConfigDict(extra="allow")

    path: str = Field(min_length=1, max_length=1000, description="A file or folder that a family reads, relative to TRELLIS_DATA.")
    options: dict[str, Any] = Field({}, description="How to read it, as /api/data-sources says; they may stand beside it as well.")

    def all_options(self) -> dict[str, Any]:
        """The options, wherever they stand."""
        return {**(self.model_extra or {}), **self.options}


class ImportUploaded(Named):
    """A dataset to import from a file that was sent to /api/uploads."""

    upload: str = Field(min_length=1, max_length=100, description="The file's id; it goes once it is imported.")
    options: dict[str, Any] = Field({}, description="How to read it, as /api/data-sources says.")


class CreateDataset(Body):
    """A dataset to make of a source with parameters."""

    source: str = Field(min_length=1, max_length=100, description="The source's id, as /api/data-sources lists it.")
    params: dict[str, Any] = Field({}, description="Its parameters.")
    name: str | None = Field(None, min_length=1, max_length=100, description="Left out: the source's, with a number if need be.")
    family: str | None = Field(None, max_length=50)


class UploadDataset(Named):
    """A dataset to import from an uploaded file; further fields are options of reading it."""

    model_config = ConfigDict(extra="allow")


class ImportedDataset(DatasetView):
    """A dataset that was imported just now."""

    skipped: list[str] = Field(description="Files that were left out, with reasons.")
    notices: list[str] = Field(description="What one should know of the data.")


class FileKindView(BaseModel):
    """A kind of file that a family reads."""

    name: str
    title: str
    extensions: list[str]


class FamilyData(BaseModel):
    """What data a family has, takes in and makes."""

    family: str
    columns: list[dict[str, str]] = Field(description="What lists of its datasets show: key, label and format.")
    reads: list[FileKindView]
    options: dict[str, Any] | None = Field(description="JSON schema of the options of reading; null: there are none.")
    amendments: dict[str, Any] | None = Field(description="JSON schema of what may be said otherwise of imported data; null: nothing.")
    sources: list[dict[str, Any]] = Field(description="Where data comes from: id, name, description, and a JSON schema of params.")


def _upload_schema() -> dict[str, Any]:
    schema = UploadDataset.model_json_schema()
    content = {"type": "string", "format": "binary", "description": "A file that the family reads, such as an .npz file with images."}
    return schema | {"properties": {"file": content, **schema["properties"]}, "required": ["file", *schema["required"]]}


_BODIES = {
    "required": True,
    "content": {
        "application/json": {"schema": {"anyOf": [kind.model_json_schema() for kind in (ImportDataset, ImportUploaded, CreateDataset)]}},
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
    return dataset_view(bench, state, state.datasets[dataset_id])


@router.get("")
def list_datasets(bench: Bench, query: Annotated[DatasetQuery, Query()]) -> Page[DatasetView]:
    """All datasets."""
    state = bench.state()
    chosen = [d for d in state.datasets.values() if d.deleted_at is None and query.family in (None, d.family)]
    shown = [dataset_view(bench, state, d) for d in chosen]
    items = [view for view in shown if query.source in (None, view.source) and query.status in (None, view.status)]
    numbers = [c.key for f in all_families() for c in f.data.columns if c.format == "count"]
    keys = {name: (lambda item, name=name: getattr(item, name)) for name in ("name", "family", "status")}
    keys |= {name: (lambda item, name=name: getattr(item, name, 0)) for name in numbers}
    return page_of(items, query, keys=keys, default_sort="name", identity=lambda i: i.id, show=lambda i: i)


@sources.get("")
def list_sources() -> list[FamilyData]:
    """What data each family has, takes in and makes."""
    return [_family_data(family) for family in all_families()]


@router.post("", status_code=201, dependencies=[IDEMPOTENT], openapi_extra={"requestBody": _BODIES})
@needs("train")
async def add_dataset(bench: Bench, request: Request, response: Response) -> ImportedDataset:
    """Make a dataset: of an uploaded file, of one that was sent to /api/uploads, of a file or folder that lies in TRELLIS_DATA, or of a source with parameters."""
    body, content_type = await request.body(), request.headers.get("content-type", "")
    upload = content_type.lower().startswith("multipart/form-data")
    made = await (run_in_threadpool(_uploaded, bench, body, content_type) if upload else run_in_threadpool(_named, bench, body))
    response.headers["Location"] = f"/api/datasets/{made.record.id}"
    view = _show(bench, made.record.id, response)
    return ImportedDataset(**view.model_dump(), skipped=list(made.skipped), notices=list(made.notices))


def _uploaded(bench: Workbench, body: bytes, content_type: str) -> Imported:
    upload = read_upload(body, content_type)
    asked = _valid(UploadDataset, lambda kind: kind.model_validate(upload.fields))
    with on_disk(upload.name, upload.content) as path:
        return bench.datasets.import_data(
            actor=acting_as(), path=path, name=asked.name, family=asked.family, original=upload.name, options=asked.model_extra
        )


def _named(bench: Workbench, body: bytes) -> Imported:
    plain = _valid(_Anything, lambda kind: kind.model_validate_json(body)).model_extra or {}
    if "source" in plain:
        wanted = _valid(CreateDataset, lambda kind: kind.model_validate(plain))
        made = bench.datasets.create(actor=acting_as(), source=wanted.source, params=wanted.params, name=wanted.name, family=wanted.family)
        return Imported(made)
    if "upload" in plain:
        sent = _valid(ImportUploaded, lambda kind: kind.model_validate(plain))
        return bench.datasets.import_uploaded(
            actor=acting_as(), upload=sent.upload, name=sent.name, family=sent.family, options=sent.options
        )
    asked = _valid(ImportDataset, lambda kind: kind.model_validate_json(body))
    return bench.datasets.import_named(
        actor=acting_as(), path=asked.path, name=asked.name, family=asked.family, options=asked.all_options()
    )


class _Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


def _valid(kind: type[_T], read: Callable[[type[_T]], _T]) -> _T:
    try:
        return read(kind)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _family_data(family: Family) -> FamilyData:
    data, readers = family.data, family.data.readers
    return FamilyData(
        family=family.name,
        columns=[{"key": c.key, "label": c.label, "format": c.format} for c in data.columns],
        reads=[FileKindView(name=k.name, title=k.title, extensions=list(k.extensions)) for k in (readers.kinds if readers else ())],
        options=readers.options.model_json_schema() if readers and readers.options else None,
        amendments=readers.amendments.model_json_schema() if readers and readers.amendments else None,
        sources=[
            {
                "id": source.id, "name": source.name, "description": source.description,
                "params": source.params.model_json_schema() if source.params else None,
            }
            for source in data.sources
        ],
    )  # fmt: skip


@router.get("/{dataset_id}")
def read_dataset(bench: Bench, dataset_id: RecordId, response: Response) -> DatasetView:
    """One dataset."""
    _find(bench, dataset_id)
    return _show(bench, dataset_id, response)


@router.put("/{dataset_id}", operation_id="put_dataset")
@router.patch("/{dataset_id}")
@needs("train")
def change_dataset(bench: Bench, dataset_id: RecordId, body: ChangeDataset, version: IfMatch, response: Response) -> DatasetView:
    """Rename or annotate a dataset, or say otherwise what its content stands for; what is left out stays."""
    _find(bench, dataset_id)
    bench.datasets.update(
        actor=acting_as(), dataset_id=dataset_id, name=body.name, notes=body.notes, amendments=body.amendments, expected_version=version
    )
    return _show(bench, dataset_id, response)


@router.post("/{dataset_id}/amend")
@needs("train")
def amend_dataset(bench: Bench, dataset_id: RecordId, body: AmendDataset, version: IfMatch, response: Response) -> DatasetView:
    """Say otherwise what an imported dataset's content stands for, unless something uses it."""
    _find(bench, dataset_id)
    bench.datasets.amend(actor=acting_as(), dataset_id=dataset_id, amendments=body.amendments, expected_version=version)
    return _show(bench, dataset_id, response)


@router.delete("/{dataset_id}", status_code=204)
@needs("train")
def delete_dataset(bench: Bench, dataset_id: RecordId, version: IfMatch) -> None:
    """Delete a dataset, unless models use it; POST to its `restore` brings it back."""
    bench.datasets.delete(actor=acting_as(), dataset_id=dataset_id, expected_version=version)


@router.post("/{dataset_id}/restore")
@needs("train")
def restore_dataset(bench: Bench, dataset_id: RecordId, response: Response) -> DatasetView:
    """Bring a deleted dataset back; if its name is taken, " (2)" is added."""
    return _show(bench, bench.datasets.restore(actor=acting_as(), dataset_id=dataset_id).id, response)


@router.post("/{dataset_id}/prepare")
@needs("train")
def prepare_dataset(bench: Bench, dataset_id: RecordId, response: Response) -> DatasetView:
    """Read the dataset (fetching it if need be) and record what it is made of."""
    _find(bench, dataset_id)
    bench.datasets.prepare(dataset_id)
    return _show(bench, dataset_id, response)


@router.get("/{dataset_id}/preview")
def preview_dataset(bench: Bench, dataset_id: RecordId) -> Look:
    """What some of the data looks like; it is read, and fetched if need be."""
    _find(bench, dataset_id)
    return bench.datasets.preview(dataset_id)


@router.get("/{dataset_id}/statistics")
def dataset_statistics(bench: Bench, dataset_id: RecordId) -> Look:
    """What the data amounts to; it is read, and fetched if need be."""
    _find(bench, dataset_id)
    return bench.datasets.statistics(dataset_id)
