"""The best items of each query, best first; of equal scores the candidate that stands earlier comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys.evaluation.candidates import NOWHERE
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.scores import DotProducts, ScoreRows, block_of, check_finite, rows_per_block
from recsys.evaluation.user_items import UserItems, integers, users_of

BLOCK = 4 * 2**20
"""Bytes of a block of scores: choosing among equal scores needs several times its size."""


@dataclass(frozen=True)
class TopK:
    """Best items first, `positions[q, j]` with `scores[q, j]`.

    Attributes:
        positions: int64 (Q, min(k, C)) of candidates; -1 at the end of a row where fewer are left.
        scores: float32 (Q, min(k, C)), descending; minus infinity where the position is -1.
        n_items: C, how many candidates there are.
    """

    positions: np.ndarray
    scores: np.ndarray
    n_items: int

    def named(self, ids: np.ndarray) -> list[list[tuple[Any, float]]]:
        """For each query its (id, score) pairs, from ids (C,); places without an item are left out."""
        names, scores = np.asarray(ids)[self.positions].tolist(), self.scores.tolist()
        lengths = (self.positions != NOWHERE).sum(axis=1).tolist()
        lines = zip(names, scores, lengths, strict=True)
        return [list(zip(name[:n], score[:n], strict=True)) for name, score, n in lines]


def top_k(
    queries: ArrayLike,
    items: ArrayLike,
    k: int,
    *,
    logits: ArrayLike | None = None,
    seen: UserItems | None = None,
    users: ArrayLike | None = None,
) -> TopK:
    """The k items with the largest dot products.

    Args:
        queries: (Q, d). items: (C, d). k: at least 1; all items if above C. logits: (C,) added to scores.
        seen, users: what each user has seen and the user (Q,) of each query; those items are left out.

    Raises:
        EvaluationError: NON_FINITE if a score is not finite, BAD_INPUT if arguments do not fit together.
    """
    score = DotProducts(queries, items, logits)
    rows = np.arange(len(score.queries))
    return top_scores(score, rows, k, n_items=len(score.items), seen=seen, users=users)


def top_scores(
    score: ScoreRows,
    rows: ArrayLike,
    k: int,
    *,
    n_items: int,
    seen: UserItems | None = None,
    users: ArrayLike | None = None,
) -> TopK:
    """The k items with the largest scores in each of `rows` (Q,); else as `top_k`."""
    if k < 1:
        raise EvaluationError("BAD_INPUT", f"k must be at least 1 (got {k})")
    row = integers(rows, "rows", below=np.iinfo(np.int64).max)
    owner = users_of(users, seen, n_items=n_items, n_rows=len(row))
    width = min(k, n_items)
    found = TopK(np.empty((len(row), width), np.int64), np.empty((len(row), width), np.float32), n_items)
    height = rows_per_block(n_items, BLOCK)
    for start in range(0, len(row), height):
        part = slice(start, start + height)
        scores = block_of(score, row[part], n_items)
        check_finite(scores, row[part])
        if seen is not None:
            scores = scores.copy()
            scores[seen.pairs(owner[part])] = -np.inf
        found.positions[part], found.scores[part] = best(scores, width)
    return found


def best(scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions int64 and scores (n, k) of the k largest in each row of (n, C), k at most C.

    Equal ones stand in the order of their position; those at minus infinity are left out: position -1.
    """
    n_items = scores.shape[1]
    least = np.partition(scores, n_items - k, axis=1)[:, n_items - k]
    line, position = np.nonzero(scores >= least[:, None])
    order = np.lexsort((position, -scores[line, position], line))
    # rows come in order, and each has k or more that reach its k-th largest
    first = np.searchsorted(line, np.arange(len(scores)))
    chosen = order[first[:, None] + np.arange(k)]
    positions, values = position[chosen], scores[line[chosen], position[chosen]]
    return np.where(np.isneginf(values), NOWHERE, positions), values
