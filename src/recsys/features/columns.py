"""Columns of a table as the transforms read them: terms, numbers, seconds. Null is kept apart in each.

Choices: a term is a column's text as `recsys.data.id_text` gives it, which is that of ids, too. Null, NaN and
the empty string are the term `__missing__`. A time without a zone is UTC; fractions of a second are cut off; a
temporal column of integers holds seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.id_text import one_line, text_of

if TYPE_CHECKING:
    import polars as pl

MISSING = "__missing__"


@dataclass(frozen=True)
class Terms:
    """A column's terms.

    Attributes:
        codes: int64 of shape (rows,), the place of each row's term in `distinct`.
        distinct: the terms; two may be equal, as those of null and of the empty string.
    """

    codes: np.ndarray
    distinct: tuple[str, ...]


@dataclass(frozen=True)
class Seconds:
    """A column's times.

    Attributes:
        values: int64 of shape (rows,), seconds since 1970-01-01T00:00Z, 0 where null. null: bool of the same
            shape.
    """

    values: np.ndarray
    null: np.ndarray


class Columns:
    """The columns of some rows, each read once in each way that something asks for.

    Args:
        frame: a polars DataFrame. rows: numbers of rows (n,), taken of each column when it is read; None means all.
    """

    def __init__(self, frame: pl.DataFrame, rows: np.ndarray | None = None) -> None:
        self._frame = frame
        self._rows = rows
        self._read: dict[tuple[str, str], Any] = {}

    def __len__(self) -> int:
        return self._frame.height if self._rows is None else len(self._rows)

    def terms(self, column: str) -> Terms:
        """The terms of a column. Raises ValueError where there is none, TypeError for lists or times."""
        return self._once("terms", column, terms_of)

    def numbers(self, column: str) -> np.ndarray:
        """The numbers of a column, as `numbers_of`. Raises as `terms` does."""
        return self._once("numbers", column, numbers_of)

    def seconds(self, column: str) -> Seconds:
        """The times of a column. Raises as `terms` does."""
        return self._once("seconds", column, seconds_of)

    def has(self, column: str) -> bool:
        """Whether the rows have such a column."""
        return column in self._frame.columns

    def _once(self, way: str, column: str, read: Any) -> Any:
        if (way, column) not in self._read:
            if not self.has(column):
                there = ", ".join(self._frame.columns)[:500]
                raise ValueError(f'column "{column}" is not in these rows; they have {there}')
            values = self._frame.get_column(column)
            self._read[way, column] = read(values if self._rows is None else values[self._rows])
        return self._read[way, column]


def term_of(raw: str | None) -> str:
    """A text as its term."""
    if not raw:
        return MISSING
    return one_line(raw)


def terms_of(series: pl.Series) -> Terms:
    """A polars column's terms. Raises TypeError for a column that has no plain text form."""
    import polars as pl

    # Codes of their own, not of a registry that the whole process shares and never empties.
    coded = text_of(series).cast(pl.Categorical(pl.Categories.random()))
    present = coded.unique().drop_nulls()
    physical = present.to_physical().to_numpy()
    places = np.zeros(int(physical.max()) + 2 if physical.size else 1, np.int64)
    places[physical] = np.arange(physical.size)
    places[-1] = physical.size
    distinct = tuple(term_of(raw) for raw in present.cast(pl.String).to_list())
    codes = places[coded.to_physical().fill_null(len(places) - 1).to_numpy()]
    return Terms(codes, (*distinct, MISSING))


def numbers_of(series: pl.Series) -> np.ndarray:
    """A polars column's numbers as float64 of shape (rows,), NaN where null. Raises TypeError for others."""
    import polars as pl

    if not (series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)):
        raise TypeError(f'column "{series.name}" holds {series.dtype}, no numbers')
    return series.cast(pl.Float64).to_numpy()


def seconds_of(series: pl.Series) -> Seconds:
    """A polars column's times. Raises TypeError for others."""
    import polars as pl

    dtype = series.dtype
    if not (isinstance(dtype, pl.Datetime) or dtype in (pl.Date, pl.Null) or dtype.is_integer()):
        raise TypeError(f'column "{series.name}" holds {dtype}, no times')
    null = series.is_null().to_numpy()
    physical = (
        (series.cast(pl.Int64) if dtype == pl.Null else series.to_physical())
        .fill_null(0)
        .to_numpy()
        .astype(np.int64)
    )
    if dtype == pl.Date:
        return Seconds(physical * 86_400, null)
    if isinstance(dtype, pl.Datetime):
        physical = physical // {"ms": 10**3, "us": 10**6, "ns": 10**9}[dtype.time_unit]
    return Seconds(physical, null)
