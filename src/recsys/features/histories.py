"""What buyers took before, as rows bring it along and as the buyer tower reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.features.columns import terms_of
from recsys.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Histories:
    """The earlier items of each of n rows, oldest first.

    Attributes:
        offsets: int64 of shape (n + 1,): row i's items are `values[offsets[i]:offsets[i + 1]]`. All 0 where nobody took anything.
        values: int64 of shape (offsets[-1],), each the place of an item in `items`.
        items: a polars column of item ids; the same id may stand in it twice, so the whole item column with row numbers as values does.
    """

    offsets: np.ndarray
    values: np.ndarray
    items: pl.Series

    def __post_init__(self) -> None:
        offsets = np.asarray(self.offsets)
        if (
            offsets.ndim != 1
            or not offsets.size
            or offsets[0] != 0
            or np.any(np.diff(offsets) < 0)
            or offsets[-1] != len(self.values)
        ):
            raise ValueError(
                f"offsets of histories rise from 0 to the number of values, {len(self.values)}, one more than rows"
            )


@dataclass(frozen=True)
class Ragged:
    """Rows of a table for each of n rows of events.

    Attributes:
        offsets: int64 of shape (n + 1,). values: int64 of shape (offsets[-1],), oldest item first.
    """

    offsets: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def padded(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Every row at one length, the latest items where it has more.

        Returns:
            Table rows as int64 of shape (n, length), 0 where the mask is 0, and the mask, float32 of that shape: 1 for an item. What
            is masked stands for no item, so a mean over items is `(table[rows] * mask).sum(1) / max(mask.sum(1), 1)`.
        """
        cut = self.latest(length)
        lengths = np.diff(cut.offsets)
        mask = np.arange(length) < lengths[:, None]
        rows = np.zeros(mask.shape, np.int64)
        rows[mask] = cut.values
        return rows, mask.astype(np.float32)

    def latest(self, length: int) -> Ragged:
        """The latest `length` items of each row."""
        lengths = np.minimum(np.diff(self.offsets), length)
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        first = self.offsets[1:] - lengths
        places = np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], lengths)
        return Ragged(offsets, self.values[places])


def in_table(histories: Histories, vocabulary: Vocabulary, length: int) -> Ragged:
    """The latest `length` items of each row as rows of the item table."""
    cut = Ragged(np.asarray(histories.offsets, np.int64), np.asarray(histories.values, np.int64)).latest(
        length
    )
    terms = terms_of(histories.items)
    rows = vocabulary.lookup(terms.distinct)[terms.codes]
    return Ragged(cut.offsets, rows[cut.values])
