"""What a user had before each event: the latest earlier train items, never the event itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.interactions import NO_TIME, Interactions

CHUNK = 1_048_576
"""Events that are looked up at a time."""
PADDING = -1
"""Stands where a history has no item. No row of a table: whoever looks items up masks it first."""


@dataclass(frozen=True)
class Histories:
    """The histories of E events, as pieces of one array, which takes little memory.

    Attributes:
        items: int32 (N,): all train items by user and time.
        start, length: int32 (E,): event e's is `items[start[e] : start[e] + length[e]]`, oldest first.
        max_length: the longest that a history may be.
    """

    items: np.ndarray
    start: np.ndarray
    length: np.ndarray
    max_length: int

    def padded(self, events: np.ndarray | slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """The histories of B events as a table.

        Returns:
            Items, int32 (B, max_length), oldest first, then PADDING; a mask, bool (B, max_length).
        """
        start, length = self.start[events], self.length[events]
        place = np.arange(self.max_length, dtype=np.int32)
        mask = place < length[:, None]
        table = np.full(mask.shape, PADDING, np.int32)
        table[mask] = self.items[(start[:, None] + place)[mask]]
        return table, mask


def histories(
    data: Interactions, train: np.ndarray, *, max_length: int = 50, events: np.ndarray | None = None
) -> Histories:
    """For every event the latest `max_length` train items of its user with a strictly smaller time.

    Train items of one user in one second are ordered by item, so the order of the table's rows does not
    matter. An event without a time has an empty history, and is in nobody's.

    Args:
        train: int64 (N,), the rows that histories are made of.
        events: int64 (E,), the rows that get one; None for all.

    Raises:
        ValueError: if the table has no times, or `max_length` is below 1.
    """
    if data.second is None:
        raise ValueError("Histories need a time for each row. Choose the timestamp column of the dataset.")
    if max_length < 1:
        raise ValueError(f"max_length is {max_length}. Give a whole number, at least 1.")
    rows = np.arange(len(data)) if events is None else events
    moment, moments = _moments(data.second, len(data.user_ids))
    used = train[data.second[train] != NO_TIME]
    key, items = _by_user_and_moment(data.user[used] * np.int64(moments) + moment[used], data.item[used])
    first = np.searchsorted(key, np.arange(len(data.user_ids) + 1) * np.int64(moments))
    start, length = np.empty(len(rows), np.int32), np.empty(len(rows), np.int32)
    for at in range(0, len(rows), CHUNK):
        here = slice(at, at + CHUNK)
        user = data.user[rows[here]]
        stop = _search(key, user * np.int64(moments) + moment[rows[here]])
        # the first moment is that of missing times, so nothing is before it
        length[here] = np.minimum(stop - first[user], max_length)
        start[here] = stop - length[here]
    return Histories(items, start, length, max_length)


def _moments(second: np.ndarray, users: int) -> tuple[np.ndarray, int]:
    """Times as whole numbers from 1 on, 0 where missing; and a number above them all.

    With user * number + time one number tells user and time.
    """
    timed = second != NO_TIME
    known = second[timed]
    low, high = (int(known.min()), int(known.max())) if known.size else (0, 0)
    if users * (high - low + 2) >= 2**63:
        # times so far apart are numbered in order, which keeps what is earlier and what is equal
        different, place = np.unique(known, return_inverse=True)
        moment = np.zeros(len(second), np.int64)
        moment[timed] = place + 1
        return moment, len(different) + 1
    return np.where(timed, second, low - 1) - (low - 1), high - low + 2


def _by_user_and_moment(key: np.ndarray, item: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys ascending, and the items (int32) in the order of (key, item)."""
    bits = int(item.max(initial=0)).bit_length()
    if int(key.max(initial=0)).bit_length() + bits > 63:
        order = np.lexsort((item, key))
        return key[order], item[order].astype(np.int32)
    # key and item in one number: sorting numbers is several times faster than sorting rows by two columns
    packed = (key << bits) | item
    packed.sort()
    return packed >> bits, (packed & ((1 << bits) - 1)).astype(np.int32)


def _search(key: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """How many keys are below each sought one; sought in order, which hits the processor's cache."""
    order = np.argsort(sought)
    found = np.empty(len(sought), np.int64)
    found[order] = np.searchsorted(key, sought[order])
    return found
