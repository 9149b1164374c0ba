"""What is known of a data set's columns, as far as features need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.fields import closest

DataType = Literal["text", "numeric", "temporal", "boolean", "list_text"]

TypeWord = Literal[
    "text",
    "numeric",
    "numeric_decimal_comma",
    "numeric_decimal_point",
    "temporal",
    "temporal_day_first",
    "temporal_month_first",
    "boolean",
    "list_text",
]
"""A type that a person may choose for a column, some with how its values are written."""

Role = Literal[
    "user_id", "item_id", "user_attribute", "item_attribute", "context", "outcome", "timestamp", "ignore"
]
"""What a column stands for. A context is known when a recommendation is asked for, an outcome only later."""


def type_of(word: TypeWord) -> DataType:
    """The type that a word stands for."""
    for data_type in ("numeric", "temporal"):
        if word.startswith(data_type):
            return data_type
    return word  # type: ignore[return-value]


@dataclass(frozen=True)
class ColumnStats:
    """Figures of one column over some rows.

    Attributes:
        cardinality: distinct values that are not null; None where nobody counted.
        minimum, maximum: the smallest and the largest finite number; None for other types, and where there is none.
        nulls: values that are missing; None where nobody counted.
    """

    cardinality: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    nulls: int | None = None


@dataclass(frozen=True)
class ColumnInfo:
    """One column: its name, its type as stored ("Int64", "String") and as meant, its role, its figures."""

    column: str
    storage_type: str
    data_type: DataType
    role: Role
    stats: ColumnStats = ColumnStats()


@dataclass(frozen=True)
class Schema:
    """The columns of a data set in its order."""

    columns: tuple[ColumnInfo, ...]

    def find(self, column: str) -> ColumnInfo | None:
        """The column of a name, if there is one."""
        return next((info for info in self.columns if info.column == column), None)

    def with_role(self, role: Role) -> tuple[ColumnInfo, ...]:
        """The columns that stand for something, in order."""
        return tuple(info for info in self.columns if info.role == role)

    def only(self, role: Role) -> str | None:
        """The name of the one column with a role (`user_id`, `item_id`, `timestamp`); None without one."""
        found = self.with_role(role)
        return found[0].column if found else None


def not_there(column: str, schema: Schema) -> str:
    """The sentence about a column that the data set does not have, with the closest one that it has."""
    guess = closest(column, [info.column for info in schema.columns])
    hint = f' (did you mean "{guess}"?)' if guess else ""
    return f'Column "{column}" is not in the dataset{hint}'
