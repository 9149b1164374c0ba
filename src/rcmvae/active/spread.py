"""Greedy k-center: choosing samples that are far apart (Gonzalez 1985; for batches of labels Sener and Savarese 2018)."""

from __future__ import annotations

import numpy as np

CHUNK_VALUES = 1 << 18
"""Distances computed at once: 2 MiB of float64, which stay in the processor's cache."""


def distance_to_nearest(places: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Euclidean distance of each of `places` (N, E) to the nearest of `centres` (M, E), M at least 1: float64 (N,)."""
    # in double precision and around the common mean, |x - c|^2 = |x|^2 + (|c|^2 - 2 c x) loses no digit that matters
    middle = centres.mean(axis=0)
    x, c = places - middle, centres - middle
    columns = np.concatenate([x, np.ones((len(x), 1))], axis=1).T
    factors = np.concatenate([-2.0 * c, (c * c).sum(axis=1, keepdims=True)], axis=1)
    nearest = np.empty(len(x))
    step = max(1, CHUNK_VALUES // len(c))
    for start in range(0, len(x), step):
        nearest[start : start + step] = (factors @ columns[:, start : start + step]).min(axis=0)
    return np.sqrt(np.maximum(nearest + (x * x).sum(axis=1), 0.0))


def farthest_first(places: np.ndarray, n: int, reach: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Greedy farthest-first order of `n` of `places` (N, E); among equally far ones the first counts.

    Args:
        reach: distance of each to what is covered already, (N,); without it the first place is taken first.

    Returns:
        Positions int64 (n,) in the order of choice, and the distance of each to all that was covered before it (n,);
        infinite for a first place that was taken unasked.
    """
    square = np.full(len(places), np.inf) if reach is None else np.square(reach, dtype=np.float64)
    columns = np.ascontiguousarray(np.asarray(places, np.float64).T)
    chosen, far = np.empty(n, np.int64), np.empty(n)
    for turn in range(n):
        best = int(square.argmax())
        chosen[turn], far[turn] = best, square[best]
        found = np.zeros(len(square))
        for column in columns:
            step = column - column[best]
            step *= step
            found += step
        np.minimum(square, found, out=square)
        # nothing is chosen twice, not even where all that is left coincides with what was chosen
        square[chosen[: turn + 1]] = -1.0
    return chosen, np.sqrt(far)
