"""Columns that are a function of an id, as far as a table's first rows tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

ROWS = 100_000
_REPEATED = 0.5
"""Share of these rows whose id must occur more than once there, or nothing is told."""


def determined_by(rows: pl.LazyFrame, id_column: str, columns: Sequence[str]) -> set[str]:
    """Those columns that have one value, or none, for each id, and not the same one everywhere."""
    import polars as pl

    if not columns:
        return set()
    first = rows.select(id_column, *columns).head(ROWS).drop_nulls(id_column).collect()
    values = [
        pl.col(column).drop_nulls().n_unique().alias(str(place)) for place, column in enumerate(columns)
    ]
    groups = first.group_by(pl.col(id_column).alias("id")).agg(pl.len().alias("rows"), *values)
    repeated = groups.filter(pl.col("rows") > 1)
    if not first.height or repeated["rows"].sum() < _REPEATED * first.height:
        return set()
    return {
        column
        for place, column in enumerate(columns)
        if repeated[str(place)].max() == 1 and first[column].drop_nulls().n_unique() > 1
    }
