"""Counting how often the ids of a table occur, and when they first do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.id_text import ids_of
from recsys.data.interactions import NO_TIME
from recsys.data.occurrence import DAYS, MOST, LastDays, Occurrence

if TYPE_CHECKING:
    import polars as pl

_DAY_SECONDS = 86_400


def occurrence_of(
    users: pl.Series, items: pl.Series, seconds: np.ndarray | None
) -> tuple[Occurrence, int, int]:
    """The numbers of a table, and how many users and items it has.

    Args:
        users, items: ids of R rows, none of them missing.
        seconds: int64 (R,), since 1970, NO_TIME where missing; None without a column of times.
    """
    ids = [_Ids.of(column, seconds) for column in (users, items)]
    of_users, of_items = (one.counts() for one in ids)
    n_users, n_items = (len(one.rows) for one in ids)
    if seconds is None or not (seconds != NO_TIME).any():
        return Occurrence(of_users, of_items), n_users, n_items
    known = seconds[seconds != NO_TIME]
    last = int(known.max())
    found: list[LastDays] = []
    for days in DAYS:
        edge = last - days * _DAY_SECONDS
        rows = int((known > edge).sum())
        if rows == len(known):
            break
        found.append(LastDays(days, rows, *(one.new_since(edge) for one in ids)))
    return Occurrence(of_users, of_items, timed=len(known), last_days=tuple(found)), n_users, n_items


@dataclass(frozen=True)
class _Ids:
    """The different ids of a column: int64 (K,) each.

    Attributes:
        rows: of each id. timed: those of them that have a time. first: its first time, NO_TIME without any.
    """

    rows: np.ndarray
    timed: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, column: pl.Series, seconds: np.ndarray | None) -> _Ids:
        import polars as pl

        rows = pl.DataFrame({"id": column})
        if seconds is None:
            rows = rows.with_columns(pl.lit(None, pl.Int64).alias("second"))
        else:
            second = pl.Series("second", seconds)
            # nulls, which counts and least values leave out by themselves, are several times as quick as a filter in each group
            rows = rows.with_columns(
                second.set(second == NO_TIME, None) if (seconds == NO_TIME).any() else second
            )
        second = pl.col("second")
        groups = rows.group_by("id").agg(
            pl.len().alias("rows"), second.count().alias("timed"), second.min().alias("first")
        )
        # ids that are the same text are one id, whatever they are stored as
        merged = groups.with_columns(ids_of(groups["id"]).alias("id")).group_by("id")
        found = merged.agg(pl.col("rows", "timed").sum(), pl.col("first").min()).fill_null(NO_TIME)
        return cls(*(found[name].cast(pl.Int64).to_numpy() for name in ("rows", "timed", "first")))

    def counts(self) -> tuple[int, ...]:
        return tuple(np.bincount(self.rows[self.rows <= MOST], minlength=MOST + 1)[1:].tolist())

    def new_since(self, edge: int) -> int:
        """Rows with a time of ids whose first time is later."""
        return int(self.timed[self.first > edge].sum())
