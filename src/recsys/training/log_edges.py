"""Edges of buckets of logarithms as edges of the numbers themselves.

Two libraries may round ln(1 + x) differently in the last place, and a quantile's edge is often the very value
of many rows: one place off, and all of them change their bucket. Compared before the logarithm they can't.
"""

from __future__ import annotations

import numpy as np

_STEPS = 64
"""Halvings that leave one of 2^64 float64 values."""


def before_log1p(edges: np.ndarray) -> np.ndarray:
    """For each edge the least number whose logarithm, `np.log1p`, reaches it.

    Args:
        edges: finite float64 of shape (E,), rising.

    Returns:
        float64 of that shape, such that `np.log1p(x) >= edge` exactly where `x >= found`.
    """
    edges = np.asarray(edges, np.float64)
    # float64 values in their order are integers in theirs: halving works on those
    below = np.full(edges.shape, _ordered(np.array(-1.0)))
    reached = np.full(edges.shape, _ordered(np.array(np.inf)))
    with np.errstate(divide="ignore"):
        for _ in range(_STEPS):
            middle = (below >> 1) + (reached >> 1) + (below & reached & 1)
            enough = np.log1p(_number(middle)) >= edges
            reached = np.where(enough, middle, reached)
            below = np.where(enough, below, middle)
    return _number(reached)


def _ordered(numbers: np.ndarray) -> np.ndarray:
    bits = numbers.astype(np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits - 1, bits)


def _number(ordered: np.ndarray) -> np.ndarray:
    return np.where(ordered < 0, np.int64(-(2**63)) - ordered - 1, ordered).view(np.float64)
