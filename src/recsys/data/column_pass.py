"""Every column of a table passed over once: its fingerprint, and the figures that roles and features need."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from recsys.data.fingerprint import digest_of
from recsys.data.schema import ColumnStats

if TYPE_CHECKING:
    import polars as pl

_LARGE = 2_000_000
"""Rows from which distinct values are counted of one column at a time, as they are kept in memory for that."""


@dataclass(frozen=True)
class PassedColumn:
    """What is known of a column after all its values were read.

    Attributes:
        digest: of its values, for the table's fingerprint. rows, nulls: how many values, and missing ones.
        stats: over all rows. kept: whether its values are those of the file. nan: numbers that are NaN there.
            infinite: numbers that are infinite.
    """

    digest: bytes
    rows: int
    nulls: int
    stats: ColumnStats
    kept: bool
    nan: int
    infinite: int


def pass_over(rows: pl.LazyFrame, values: Mapping[str, pl.Expr] | None = None) -> dict[str, PassedColumn]:
    """Read columns beside each other, as many at a time as there are processors.

    Args:
        rows: of a file. values: what becomes of its columns, by name; None for what they are.
    """
    import polars as pl

    if values is None:
        values = {name: pl.col(name) for name in rows.collect_schema().names()}
    one_at_a_time = Lock()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda name: _passed(rows, name, values[name], one_at_a_time), values)
        return dict(zip(values, found, strict=True))


def _passed(rows: pl.LazyFrame, name: str, value: pl.Expr, one_at_a_time: Lock) -> PassedColumn:
    import polars as pl

    read = rows.select(pl.col(name).alias("given"), value.alias("value")).collect()
    given, series = read["given"], read["value"].alias(name)
    kept = (
        given.dtype == series.dtype
        and not series.dtype.is_nested()
        and given.null_count() == series.null_count()
    )
    nan = int(given.is_nan().sum()) if given.dtype.is_float() else 0
    infinite = int(series.is_infinite().sum()) if series.dtype.is_float() else 0
    del read, given
    with one_at_a_time if len(series) > _LARGE else nullcontext():
        stats = stats_of(series)
    return PassedColumn(digest_of(series), len(series), series.null_count(), stats, kept, nan, infinite)


def stats_of(series: pl.Series) -> ColumnStats:
    """Figures of a column over its rows; none of lists. Distinct values are counted, not estimated; numbers that are not finite are none."""
    if series.dtype.is_nested():
        return ColumnStats()
    nulls, finite = series.null_count(), finite_of(series)
    least, most = _range(finite) if series.dtype.is_numeric() else (None, None)
    return ColumnStats(finite.n_unique() - (1 if finite.null_count() else 0), least, most, nulls)


def finite_of(series: pl.Series) -> pl.Series:
    """A column without the numbers that are NaN or infinite; missing values stay."""
    if not series.dtype.is_float():
        return series
    finite = series.is_finite().fill_null(True)
    return series if finite.all() else series.filter(finite)


def _range(finite: pl.Series) -> tuple[float | None, float | None]:
    """The smallest and the largest number."""
    ends = finite.min(), finite.max()
    return tuple(None if end is None else float(end) for end in ends)  # type: ignore[arg-type,return-value]
