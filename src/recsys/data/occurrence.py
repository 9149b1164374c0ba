"""How often users and items occur, and when they first do: a few numbers from which sizes of splits follow without the rows."""

from __future__ import annotations

from dataclasses import dataclass

DAYS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 30, 45, 60, 74, 90, 120, 180, 365, 730, 1825)
"""Days before the last row at which rows are counted; the usual windows of splits are among them."""

MOST = 20
"""Rows of one id up to which ids are counted by their number of rows."""


@dataclass(frozen=True)
class LastDays:
    """Rows later than a moment that lies `days` whole days before the last row.

    Attributes:
        rows: all of them. of_new_users: those of users without an earlier row. of_new_items: likewise.
    """

    days: int
    rows: int
    of_new_users: int
    of_new_items: int


@dataclass(frozen=True)
class Occurrence:
    """Of the rows that a loaded table has.

    Attributes:
        user_counts: how many users have 1, 2, ... 20 rows. item_counts: likewise.
        timed: rows that have a time. last_days: by days, as far as earlier rows are left.
    """

    user_counts: tuple[int, ...]
    item_counts: tuple[int, ...]
    timed: int = 0
    last_days: tuple[LastDays, ...] = ()
