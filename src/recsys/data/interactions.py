"""Who interacted with what and when, as numbers: what splits and histories are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.id_text import ids_of

if TYPE_CHECKING:
    import polars as pl

NO_TIME = int(np.iinfo(np.int64).min)
"""Stands for a missing time."""


@dataclass(frozen=True)
class Interactions:
    """R interactions of U users with I items, in the order of their table.

    Attributes:
        user: int32 (R,), below U. item: int32 (R,), below I.
        second: int64 (R,), since 1970 in UTC, NO_TIME where missing; None without a timestamp column.
        user_ids: the U ids, ascending; `user_ids[user[r]]` is row r's. item_ids: likewise.
    """

    user: np.ndarray
    item: np.ndarray
    second: np.ndarray | None
    user_ids: Sequence[str]
    item_ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.user)


def interactions_of(
    frame: pl.DataFrame, user_column: str, item_column: str, timestamp_column: str | None = None
) -> Interactions:
    """The interactions of a table.

    Ids of any type are compared as text, by the rule of `id_text`. Times are cut to whole seconds; a whole
    number is taken as seconds since 1970, a time without a zone as UTC.

    Raises:
        ValueError: if a column is missing, an id is null or empty, or the timestamp column holds no times.
        TypeError: if a column of ids holds lists or times.
    """
    for name in (user_column, item_column, *([timestamp_column] if timestamp_column else [])):
        if name not in frame.columns:
            raise ValueError(f'Column "{name}" is not in the table. It has {", ".join(frame.columns)}.')
    user, user_ids = _numbers(frame, user_column)
    item, item_ids = _numbers(frame, item_column)
    second = None if timestamp_column is None else seconds_of(frame[timestamp_column])
    return Interactions(user, item, second, user_ids, item_ids)


def _numbers(frame: pl.DataFrame, column: str) -> tuple[np.ndarray, list[str]]:
    """Each row's place among the different ids of the column, and these ids, ascending."""
    import polars as pl

    text = ids_of(frame[column])
    if text.null_count():
        raise ValueError(f'Column "{column}" has {text.null_count():,} empty ids. Drop these rows first.')
    # one grouping finds ids and rows; numbers of a Categorical would depend on what the process saw before
    groups = pl.DataFrame({"id": text}).with_row_index("row").group_by("id").agg("row").sort("id")
    numbers = np.empty(len(frame), np.int32)
    rows = groups["row"].explode().to_numpy()
    numbers[rows] = np.repeat(np.arange(len(groups), dtype=np.int32), groups["row"].list.len().to_numpy())
    return numbers, groups["id"].to_list()


def seconds_of(times: pl.Series) -> np.ndarray:
    """A column's times: int64 (R,), whole seconds since 1970 in UTC, NO_TIME where missing. Raises ValueError."""
    import polars as pl

    kind, name = times.dtype, times.name
    if kind == pl.Date:
        times = times.cast(pl.Datetime("us"))
    if isinstance(times.dtype, pl.Datetime):
        times = times.dt.epoch("s")
    if not times.dtype.is_integer():
        raise ValueError(f'Column "{name}" holds {kind}, not times. Choose a column of times.')
    return times.cast(pl.Int64).fill_null(NO_TIME).to_numpy()
