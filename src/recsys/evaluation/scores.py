"""Blocks of scores: what ranking and top lists are taken from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from recsys.evaluation.errors import EvaluationError

ScoreRows = Callable[[np.ndarray], np.ndarray]
"""Scores of some rows: int64 (n,) row numbers -> float32 (n, C), higher is better."""

LARGEST_BLOCK = 64 * 2**20
"""Bytes that a block of scores never exceeds, unless a single row does."""
BLOCK = 16 * 2**20
"""Bytes of a block if nobody says otherwise: BLAS can use its threads, and it fits the cache."""


class DotProducts:
    """Scores q·v (+ logits) of query and item vectors, in float32.

    Args:
        queries: (Q, d). items: (C, d). logits: (C,), added to every query's scores; None adds nothing.

    Raises:
        EvaluationError: BAD_INPUT if the shapes do not fit, NO_CANDIDATES without items.
    """

    def __init__(self, queries: ArrayLike, items: ArrayLike, logits: ArrayLike | None = None) -> None:
        self.queries = np.asarray(queries, np.float32)
        self.items = np.ascontiguousarray(items, np.float32)
        self.logits = None if logits is None else np.asarray(logits, np.float32)
        if self.queries.ndim != 2 or self.items.ndim != 2 or self.queries.shape[1] != self.items.shape[1]:
            shapes = f"{self.queries.shape} and {self.items.shape}"
            raise EvaluationError("BAD_INPUT", f"queries and items must be (Q, d) and (C, d), got {shapes}")
        if len(self.items) == 0:
            raise EvaluationError("NO_CANDIDATES", "there are no item vectors to rank")
        if self.logits is not None and self.logits.shape != (len(self.items),):
            wanted = f"one per item, {(len(self.items),)}"
            raise EvaluationError("BAD_INPUT", f"logits must be {wanted}, got {self.logits.shape}")
        self._twins, self._originals = _twins(self.items)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Scores float32 (n, C) of the queries `rows` (n,)."""
        with np.errstate(over="ignore", invalid="ignore"):
            scores = self.queries[rows] @ self.items.T
            # BLAS sums a matrix's edge in another order: equal vectors would differ in the last bit
            if self._twins.size:
                scores[:, self._twins] = scores[:, self._originals]
            if self.logits is not None:
                scores += self.logits
        return scores


def check_finite(scores: np.ndarray, rows: np.ndarray) -> None:
    """Refuse a block (n, C) of scores with NaN or infinity; `rows` (n,) are its rows' numbers.

    Raises:
        EvaluationError: NON_FINITE.
    """
    if np.isfinite(scores).all():
        return
    row, position = (int(axis[0]) for axis in np.nonzero(~np.isfinite(scores)))
    raise EvaluationError(
        "NON_FINITE",
        f"the score of row {rows[row]} for the candidate at position {position} is {scores[row, position]}",
        "Lower the learning rate by 10 or set clipnorm",
    )


def block_of(score: ScoreRows, rows: np.ndarray, n_items: int) -> np.ndarray:
    """The scores float32 (n, C) of `rows` (n,).

    Raises:
        EvaluationError: BAD_INPUT if they are of another shape or type.
    """
    scores = score(rows)
    if scores.shape != (len(rows), n_items) or scores.dtype != np.float32:
        wanted = f"float32 of shape {(len(rows), n_items)}"
        raise EvaluationError("BAD_INPUT", f"scores must be {wanted}, got {scores.dtype} {scores.shape}")
    return scores


def rows_per_block(n_items: int, block_bytes: int) -> int:
    """How many rows of `n_items` float32 scores a block of `block_bytes` holds; at least one.

    Raises:
        EvaluationError: BAD_INPUT if `block_bytes` is not within 1 byte to 64 MiB.
    """
    if not 1 <= block_bytes <= LARGEST_BLOCK:
        raise EvaluationError("BAD_INPUT", f"block_bytes is {block_bytes}, outside 1 to {LARGEST_BLOCK}")
    return max(1, block_bytes // (4 * max(n_items, 1)))


def _twins(items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the vectors that equal an earlier one, and of the earliest equal one: int64 (m,) each."""
    # adding 0 turns -0.0 into 0.0, so that equal vectors have equal bytes
    whole = (items + np.float32(0)).view(np.dtype((np.void, items.shape[1] * items.itemsize))).ravel()
    _, first, place = np.unique(whole, return_index=True, return_inverse=True)
    original = first[place]
    twins = np.flatnonzero(original != np.arange(len(items)))
    return twins, original[twins]
