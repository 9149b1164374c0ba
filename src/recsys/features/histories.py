"""What buyers took before, as rows bring it along and as the buyer tower reads it.

Histories are pieces of one array, `values[start[i] : start[i] + length[i]]` for row i, oldest item first:
rows of one buyer share it, so that histories take no more memory than events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.features.columns import term_of
from recsys.features.vocabulary import Vocabulary


@dataclass(frozen=True)
class ItemHistories:
    """The earlier items of each of n rows, oldest first.

    Attributes:
        items: integers of shape (m,), each the place of an item in `item_ids`.
        start, length: integers of shape (n,): row i took `items[start[i] : start[i] + length[i]]`; length 0
            for nothing.
        item_ids: the item ids as text.

    Raises:
        ValueError: for pieces that are not of these items.
    """

    items: np.ndarray
    start: np.ndarray
    length: np.ndarray
    item_ids: Sequence[str]

    def __post_init__(self) -> None:
        if self.start.shape != self.length.shape or self.start.ndim != 1:
            raise ValueError(
                f"start and length are of one row each (got {self.start.shape} and {self.length.shape})"
            )
        taken = self.length > 0
        ends = self.start[taken].astype(np.int64) + self.length[taken]
        if np.any(self.length < 0) or np.any(self.start[taken] < 0) or np.any(ends > len(self.items)):
            raise ValueError(f"histories are pieces of {len(self.items)} items; one of them lies outside")
        if len(self.items) and not 0 <= self.items.min() <= self.items.max() < len(self.item_ids):
            raise ValueError(
                f"items of histories are places among {len(self.item_ids)} ids; one of them lies outside"
            )

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class EarlierRows:
    """Rows of the item table for each of n rows of events, oldest first.

    Attributes:
        rows: int64 of shape (m,). start, length: int64 of shape (n,), the pieces.
        max_length: the longest piece that there may be.
    """

    rows: np.ndarray
    start: np.ndarray
    length: np.ndarray
    max_length: int

    def __len__(self) -> int:
        return len(self.start)

    def padded(self, events: np.ndarray | slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """The histories of some events at one length.

        Args:
            events: which; all, if not given.

        Returns:
            Table rows, int64 of shape (events, max_length), 0 where the mask is 0; and the mask, float32 of
            that shape, 1 for an item. What is masked stands for no item: the mean over items is `(table[rows]
            * mask[..., None]).sum(1) / max(mask.sum(1), 1)`.
        """
        start, length = self.start[events], self.length[events]
        place = np.arange(self.max_length)
        mask = place < length[:, None]
        padded = np.zeros(mask.shape, np.int64)
        padded[mask] = self.rows[(start[:, None] + place)[mask]]
        return padded, mask.astype(np.float32)


def in_table(histories: ItemHistories, vocabulary: Vocabulary, max_length: int) -> EarlierRows:
    """The latest `max_length` items of each history as rows of the item table."""
    length = np.minimum(histories.length.astype(np.int64), max_length)
    start = histories.start.astype(np.int64) + histories.length - length
    rows = vocabulary.lookup([term_of(item) for item in histories.item_ids])
    return EarlierRows(rows[histories.items], start, length, max_length)
