"""How many users any two items have in common."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recsys.evaluation.halting import Check, between, never
from recsys.evaluation.scores import BLOCK, rows_per_block
from recsys.evaluation.user_items import UserItems, parts

AT_ONCE = 2**20
"""Pairs of items of one user that are counted at a time, unless a single item has more."""


def cooccurrences(train: UserItems) -> Iterator[tuple[slice, np.ndarray]]:
    """Rows of XᵀX, X binary, users by items, in blocks: which items, and float32 (n, C) counts.

    A row's own entry is how many users have the item. Work is in proportion to the sum of squares of the
    lengths of users' lists, not to users times items.
    """
    by_item = train.by_item()
    lengths = np.diff(train.offsets)
    # item i meets every item of each of its users
    work = np.bincount(train.items, lengths[train.users], minlength=train.n_items)
    for part in parts(work, AT_ONCE, rows_per_block(train.n_items, BLOCK)):
        place, user = by_item.pairs(np.arange(part.start, part.stop))
        at, other = train.pairs(user)
        n = part.stop - part.start
        counts = np.bincount(place[at] * train.n_items + other, minlength=n * train.n_items)
        yield part, counts.reshape(n, train.n_items).astype(np.float32)


def gram_matrix(train: UserItems, check: Check = never) -> np.ndarray:
    """XᵀX whole, float32 (C, C); `check` is called between blocks."""
    gram = np.empty((train.n_items, train.n_items), np.float32)
    for part, counts in between(cooccurrences(train), check):
        gram[part] = counts
    return gram


def blocks_of(gram: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Rows of a matrix that is there already, cut as `cooccurrences` does."""
    height = rows_per_block(len(gram), BLOCK)
    for start in range(0, len(gram), height):
        part = slice(start, start + height)
        yield part, gram[part]
