"""Columns that are a function of an id, as far as a table's first rows tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

ROWS = 100_000
_REPEATED = 0.5
"""Share of these rows whose id must occur more than once there, or nothing is told."""


def determined_by(rows: pl.DataFrame, id_column: str, columns: Sequence[str]) -> set[str]:
    """Those columns that have one value, or none, for each id, and not the same one everywhere.

    Values are compared by hashes of 64 bits. Only the first `ROWS` rows are looked at.
    """
    first = rows.head(ROWS).drop_nulls(id_column)
    if not columns or not first.height:
        return set()
    _, code, count = np.unique(first[id_column].hash().to_numpy(), return_inverse=True, return_counts=True)
    if count[count > 1].sum() < _REPEATED * first.height:
        return set()
    repeated = (count > 1)[code]
    return {column for column in columns if _is_function(first[column], code, repeated)}


def _is_function(values: pl.Series, code: np.ndarray, repeated: np.ndarray) -> bool:
    """Whether values that are there depend on an id alone where that is repeated, and differ at all.

    Args:
        code: int64 (n,), of the ids. repeated: bool (n,), whether an id occurs more than once.
    """
    there = values.is_not_null().to_numpy()
    hashes = values.hash().to_numpy()
    told = there & repeated
    if not told.any():
        return False
    one = np.zeros(code.max() + 1, np.uint64)
    one[code[told]] = hashes[told]
    alike = (one[code[told]] == hashes[told]).all()
    return bool(alike and (hashes[there] != hashes[there][0]).any())
