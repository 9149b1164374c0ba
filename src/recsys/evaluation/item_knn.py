"""Item-based nearest neighbours: an item is recommended to those who have items that are like it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from recsys.evaluation.cooccurrence import cooccurrences
from recsys.evaluation.top import best
from recsys.evaluation.user_items import UserItems, entries, parts

SHRINK = 10.0
NEIGHBOURS = 50
TINY = np.float32(1e-30)
"""Divides the zero that items without users have in common with others, where nothing shrinks."""
AT_ONCE = 2**20
"""Similarities that are added up at a time, unless a single user's are more."""


@dataclass(frozen=True)
class ItemKNN:
    """Similarities of every item to its nearest ones, kept by the item that a user has.

    s(u, i) = sum of sim(i, j) over the items j of u that are among the nearest of i (Sarwar et al. 2001),
    sim(i, j) = n_ij / (sqrt(n_i n_j) + shrink), the cosine of binary vectors (Deshpande, Karypis 2004) drawn
    towards 0 where it rests on few users. The sum is not divided by the similarities: that serves ratings.
    The nearest are those of the item that is scored; Deshpande and Karypis keep those of the item that a
    user has, which hits less.

    Attributes:
        train: who has what. offsets: int64 (C + 1,), by j.
        items: int64 (S,), the i that have j among their nearest. similarities: float32 (S,), all above 0.
    """

    train: UserItems
    offsets: np.ndarray
    items: np.ndarray
    similarities: np.ndarray

    @classmethod
    def fit(
        cls,
        train: UserItems,
        common: Iterable[tuple[slice, np.ndarray]] | None = None,
        *,
        shrink: float = SHRINK,
        neighbours: int = NEIGHBOURS,
    ) -> ItemKNN:
        """Find each item's nearest ones; of equally near ones those at earlier positions.

        Args:
            common: what `cooccurrences(train)` yields, if it is there already.
        """
        n_items = train.n_items
        size = np.sqrt(np.bincount(train.items, minlength=n_items)).astype(np.float32)
        k = min(neighbours, n_items)
        near = np.zeros((n_items, k), np.int64)
        similarity = np.zeros((n_items, k), np.float32)
        for part, counts in cooccurrences(train) if common is None else common:
            cosine = counts / np.maximum(size[part, None] * size + np.float32(shrink), TINY)
            # an item is not its own neighbour; nor is one without a user in common
            np.fill_diagonal(cosine[:, part], 0)
            near[part], similarity[part] = best(cosine, k)
        item, place = np.nonzero(similarity > 0)
        neighbour = near[item, place]
        order = np.argsort(neighbour, kind="stable")
        offsets = np.zeros(n_items + 1, np.int64)
        np.cumsum(np.bincount(neighbour, minlength=n_items), out=offsets[1:])
        return cls(train, offsets, item[order], similarity[item, place][order])

    def score(self, users: np.ndarray) -> np.ndarray:
        """Scores float32 (n, C) of users (n,)."""
        scores = np.empty((len(users), self.train.n_items), np.float32)
        place, had = self.train.pairs(users)
        work = np.bincount(place, np.diff(self.offsets)[had], minlength=len(users))
        for part in parts(work, AT_ONCE, len(users)):
            scores[part] = self._some(users[part])
        return scores

    def _some(self, users: np.ndarray) -> np.ndarray:
        place, had = self.train.pairs(users)
        at, entry = entries(self.offsets, had)
        n_items = self.train.n_items
        keys = place[at] * n_items + self.items[entry]
        return np.bincount(keys, self.similarities[entry], len(users) * n_items).reshape(-1, n_items)
