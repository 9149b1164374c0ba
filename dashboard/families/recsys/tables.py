"""REST for what is in a dataset of interactions: its columns, some rows, and what a split makes of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dashboard.api.dependencies import RecordId
from dashboard.api.errors import ERRORS
from dashboard.families.recsys.requests import NO_QUERY, Service
from dashboard.families.recsys.requests import Query as StrictQuery
from dashboard.families.recsys.start_body import Split, told_as_asked
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
