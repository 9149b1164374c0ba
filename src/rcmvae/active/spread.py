"""Greedy k-center: choosing samples that are far apart (Gonzalez 1985; for batches of labels Sener and Savarese 2018)."""

from __future__ import annotations

import numpy as np

CHUNK_VALUES = 1 << 18
"""Distances computed at once: 2 MiB of float64, which stay in the processor's cache."""
SOME_CENTRES = 200
"""Centres to which every place is measured; the nearest of them bounds its distance to the nearest of all."""
MEASURED_AT_ONCE = 1024
"""Places whose distance to all centres is measured at once, those with the largest bounds."""


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


def farthest_first(places: np.ndarray, n: int, covered: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Greedy farthest-first order of `n` of `places` (N, E); among equally far ones the first counts.

    Args:
        covered: places (M, E) that are covered already; without any the first of `places` is taken first.

    Returns:
        Positions int64 (n,) in the order of choice, and the distance of each to all that was covered before it (n,);
        infinite for a first place that was taken unasked.
    """
    bounds = _Bounds(np.asarray(places, np.float64), covered)
    chosen, far = np.empty(n, np.int64), np.empty(n)
    for turn in range(n):
        best = bounds.farthest()
        chosen[turn], far[turn] = best, bounds.square[best]
        bounds.cover(best)
    return chosen, np.sqrt(far)


class _Bounds:
    """Squared distances of places to what is covered, or more: measured in full only where that may decide who is farthest."""

    def __init__(self, places: np.ndarray, covered: np.ndarray | None) -> None:
        self._places, self._columns = places, np.ascontiguousarray(places.T)
        self._covered = covered
        if covered is None or not len(covered):
            self.square, self._rough = np.full(len(places), np.inf), np.zeros(len(places), bool)
            return
        some = covered[:: -(-len(covered) // SOME_CENTRES)]
        self.square = np.square(distance_to_nearest(places, some))
        self._rough = np.full(len(places), len(some) < len(covered))

    def farthest(self) -> int:
        """Position of the place farthest from all that is covered."""
        while self._rough[best := int(self.square.argmax())]:
            assert self._covered is not None
            (rough,) = np.nonzero(self._rough)
            if len(rough) > MEASURED_AT_ONCE:
                rough = rough[np.argpartition(-self.square[rough], MEASURED_AT_ONCE)[:MEASURED_AT_ONCE]]
            self.square[rough] = np.minimum(self.square[rough], np.square(distance_to_nearest(self._places[rough], self._covered)))
            self._rough[rough] = False
        return best

    def cover(self, position: int) -> None:
        """One of the places is covered from now on, and not chosen again, not even where all that is left coincides with it."""
        found = np.zeros(len(self.square))
        for column in self._columns:
            step = column - column[position]
            step *= step
            found += step
        np.minimum(self.square, found, out=self.square, where=self.square >= 0)
        self.square[position], self._rough[position] = -1.0, False
