"""What is known of a table of interactions without reading it, and how a dataset's manifest keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from recsys.data.occurrence import Occurrence
from recsys.data.schema import ColumnInfo, Role, Schema
from workbench.datasets import DatasetError
from workbench.state import DatasetManifest


@dataclass(frozen=True)
class Notice:
    """What a person should know of a table: a code for programs, a sentence, and the column that it is about, if it is one."""

    code: str
    message: str
    column: str | None = None


@dataclass(frozen=True)
class TableFacts:
    """A table in figures.

    Attributes:
        columns: in the table's order. rows: all of them, also those without an id.
        users, items: different ids; None while no column has that role.
        dropped: rows without a user or an item, which are left out when the table is loaded.
        first_second, last_second: its range of times, since 1970; None without any.
        notices: what a person should know. original: name of the file that it was read from.
        occurrence: how often ids occur and when; None without both ids, and of tables that were stored without it.
    """

    columns: tuple[ColumnInfo, ...]
    rows: int
    users: int | None = None
    items: int | None = None
    dropped: int = 0
    first_second: int | None = None
    last_second: int | None = None
    notices: tuple[Notice, ...] = ()
    original: str | None = None
    occurrence: Occurrence | None = None

    @property
    def schema(self) -> Schema:
        """Its columns, for features."""
        return Schema(self.columns)

    @property
    def roles(self) -> Mapping[str, Role]:
        """Role by column."""
        return {info.column: info.role for info in self.columns}

    @property
    def usable(self) -> int:
        """Rows that a loaded table has."""
        return self.rows - self.dropped

    @property
    def timed(self) -> bool:
        """Whether a column has the role of the timestamp."""
        return self.schema.only("timestamp") is not None

    @property
    def dates(self) -> tuple[str, str] | None:
        """First and last day in UTC, as in 2024-12-31; None without times."""
        if self.first_second is None or self.last_second is None:
            return None
        return _day(self.first_second), _day(self.last_second)

    def about(self) -> dict[str, Any]:
        """These facts as the JSON values of a manifest."""
        return _FACTS.dump_python(self, mode="json")

    @classmethod
    def of(cls, manifest: DatasetManifest) -> Self:
        """What a manifest says of its table. Raises DatasetError for one that says something else."""
        try:
            return _FACTS.validate_python(manifest.about)  # type: ignore[return-value]
        except ValidationError as error:
            raise DatasetError(
                "What is known of its columns is damaged. Import or create it again."
            ) from error


_FACTS = TypeAdapter(TableFacts)
_DAYS = (-719_162, 2_932_896)
"""The years 1 to 9999, counted from 1970."""


def _day(second: int) -> str:
    day = min(max(second // 86_400, _DAYS[0]), _DAYS[1])
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()
