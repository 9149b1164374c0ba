"""REST for what is in a dataset of interactions: its columns, some rows, and what a split makes of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, model_validator

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, RecordId
from dashboard.api.errors import ERRORS
from dashboard.families.recsys.requests import NO_QUERY, Service
from dashboard.families.recsys.requests import Query as StrictQuery
from dashboard.families.recsys.start_body import Split, told_as_asked
from recsys.data.first_look import look_values
from recsys.data.stats import MAX_SAMPLE, SAMPLE

router = APIRouter(prefix="/datasets", tags=["datasets"], responses=ERRORS)


class ColumnView(BaseModel):
    """Figures of one column, over the rows that have a user and an item."""

    column: str
    storage_type: str
    data_type: str
    role: str
    nulls: int
    null_percent: float
    not_finite: int = Field(description="Numbers that are NaN or infinite; no other figure counts them.")
    cardinality: int | None = Field(description="Distinct values; null for lists.")
    estimated: bool = Field(description="Whether `cardinality` is an estimate, to 2 %.")
    numeric: dict[str, Any] | None = Field(description="Least, greatest, mean, spread, percentiles 1 25 50 75 99, and a histogram.")
    text: dict[str, Any] | None = Field(description="The most frequent values with their counts, and the longest one's length.")
    temporal: dict[str, Any] | None = Field(description="First and last moment in UTC, and the days between them.")


class Columns(BaseModel):
    """Every column, in the table's order."""

    items: list[ColumnView]
    total: int
    next: None = None


class SampleQuery(StrictQuery):
    """How many rows."""

    n: int = Field(SAMPLE, ge=1, le=MAX_SAMPLE)


class SampleRows(BaseModel):
    """Some rows, always the same ones."""

    items: list[dict[str, Any]]
    total: int = Field(description="Rows of the answer.")
    next: None = None


class SplitQuery(StrictQuery):
    """A split as a quick test has it; what is left out has its default."""

    strategy: str | None = Field(None, max_length=40, description=Split.model_fields["strategy"].description)
    seed: int | float | None = None
    train: float | None = None
    val: float | None = None
    test: float | None = None
    holdout_days: int | float | None = None
    val_fraction: float | None = None
    train_days: int | float | None = None
    val_days: int | float | None = None
    test_days: int | float | None = None
    sample_percent: float | None = None
    sample_unit: str | None = Field(None, max_length=40, description="users or rows.")

    def settings(self) -> dict[str, Any]:
        """What is said, by the names of a test's settings."""
        sample = {"sample_percent": self.sample_percent, "sample_unit": self.sample_unit}
        split = Split.model_validate(self.model_dump(exclude=set(sample))).settings()
        return split | {name: value for name, value in sample.items() if value is not None}


class SplitSizes(BaseModel):
    """What a split makes of a dataset's rows."""

    split: str = Field(description="In words.")
    train: int
    validation: int
    test: int
    unused: dict[str, int] = Field(description="Rows in no part, by reason.")
    cold_users: float | None = Field(description="Share of the test rows whose user has no train row; null without test rows.")
    cold_items: float | None


class LookAt(Body):
    """A file that is looked at before it is imported: one that lies in TRELLIS_DATA, or one that was sent to /api/uploads."""

    path: str | None = Field(None, min_length=1, max_length=1000, description="Relative to TRELLIS_DATA. This or `upload`.")
    upload: str | None = Field(None, min_length=1, max_length=100, description="The id of a file that was sent. This or `path`.")
    options: dict[str, Any] = Field({}, description="How to read it, as /api/data-sources says.")

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if (self.path is None) == (self.upload is None):
            raise ValueError("Give either a path or an upload.")
        return self


class NoticeView(BaseModel):
    """What a person should know of a table."""

    code: str
    message: str
    column: str | None = Field(description="Which it is about; null: the table.")


class ProblemView(BaseModel):
    """What stands in the way of an import."""

    column: str | None = Field(description="Which it is about; null: the file.")
    message: str


class FirstColumn(BaseModel):
    """What a column would become."""

    column: str
    storage_type: str
    data_type: str
    role: str
    stats: dict[str, Any] = Field(description="Distinct values, least and greatest number, and how many are missing.")


class FirstLookView(BaseModel):
    """What importing a file would make of it. Choices that its values do not allow are told as problems, and not followed."""

    importable: bool = Field(description="Whether an import with these options would be accepted.")
    row_count: int | None
    columns: list[FirstColumn]
    rows: list[dict[str, str | None]] = Field(description="The first rows, as they are written.")
    left_out: list[str] = Field(description="Columns that would not be kept, each with its reason.")
    notices: list[NoticeView]
    problems: list[ProblemView]


@router.post("/look", dependencies=[NO_QUERY])
@needs("train")
def look_at_file(service: Service, bench: Bench, body: LookAt) -> FirstLookView:
    """What importing a table would make of it, with a look at its first rows. Nothing is kept."""
    path = bench.datasets.place_of(body.path) if body.path is not None else bench.datasets.uploads.get(body.upload or "").path
    return FirstLookView.model_validate(look_values(service.tables.first_look(path, body.options)))


@router.get("/{dataset_id}/columns", dependencies=[NO_QUERY])
def read_columns(service: Service, dataset_id: RecordId) -> Columns:
    """Figures of every column of a table of interactions; it is read, and fetched if need be."""
    items = [ColumnView.model_validate(asdict(found)) for found in service.tables.columns(dataset_id)]
    return Columns(items=items, total=len(items))


@router.get("/{dataset_id}/sample")
def read_sample(service: Service, dataset_id: RecordId, query: Annotated[SampleQuery, Query()]) -> SampleRows:
    """Some rows of a table of interactions."""
    items = list(service.tables.sample(dataset_id, query.n))
    return SampleRows(items=items, total=len(items))


@router.get("/{dataset_id}/splits/preview")
def preview_split(service: Service, dataset_id: RecordId, query: Annotated[SplitQuery, Query()]) -> SplitSizes:
    """How many rows each part of a split would have, and how many of the test rows are of somebody or something new."""
    with told_as_asked(query=True):
        found = service.tables.divided(dataset_id, query.settings())
    return SplitSizes.model_validate({"split": found.words, **asdict(found.preview)})
