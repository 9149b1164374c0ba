"""Drawing from many discrete distributions by the inverse of their distribution functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK = 4_194_304
"""Entries of the guide that are built at a time."""


@dataclass(frozen=True)
class InverseCdf:
    """Distribution functions of D distributions over n outcomes, with a guide that narrows each search.

    The guide (Chen and Asau, 1974) cuts [0, 1) into equal bins and keeps for each bin's lower bound the
    outcome that it maps to, so that a draw looks at a few entries instead of bisecting all n.

    Attributes:
        cumulative: float64 (D, n), rising to exactly 1 in each row.
        guide: unsigned integers (D, bins + 1): how many entries of the row are at most bin / bins.
    """

    cumulative: np.ndarray
    guide: np.ndarray

    @classmethod
    def of(cls, weights: np.ndarray) -> InverseCdf:
        """Distributions in proportion to the rows of `weights`, float64 (D, n), none all zero."""
        cumulative = np.cumsum(weights, axis=1, dtype=np.float64)
        cumulative /= cumulative[:, -1:]
        count, outcomes = cumulative.shape
        # a power of two: cumulative * bins is exact, so the guide never disagrees with a comparison
        bins = 2 ** int(np.ceil(np.log2(2 * outcomes)))
        guide = np.empty((count, bins + 1), np.min_scalar_type(outcomes))
        step = max(1, BLOCK // (bins + 1))
        for start in range(0, count, step):
            part = cumulative[start : start + step]
            first_bin = np.ceil(part * bins).astype(np.int64) + np.arange(len(part))[:, None] * (bins + 1)
            per_bin = np.bincount(first_bin.ravel(), minlength=len(part) * (bins + 1))
            guide[start : start + step] = np.cumsum(per_bin.reshape(len(part), bins + 1), axis=1)
        return cls(cumulative, guide)

    def draw(self, distribution: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """The outcome of each uniform number: how many entries of its distribution function are at most it.

        Args:
            distribution: integers (R,), which row of the weights. uniform: float64 (R,) in [0, 1).

        Returns:
            int32 (R,). An outcome of weight zero never occurs.
        """
        outcomes = self.cumulative.shape[1]
        bins = self.guide.shape[1] - 1
        distribution = distribution.astype(np.int64)
        at = distribution * (bins + 1) + (uniform * bins).astype(np.int64)
        found = self.guide.take(at).astype(np.int32)
        after = self.guide.take(at + 1)
        rows = np.flatnonzero(found < after)
        low, high, sought = found[rows], after[rows].astype(np.int32), uniform[rows]
        first = distribution[rows] * outcomes
        while rows.size:
            middle = (low + high) >> 1
            above = self.cumulative.take(first + middle) <= sought
            low = np.where(above, middle + 1, low)
            high = np.where(above, high, middle)
            found[rows] = low
            left = low < high
            rows, low, high, sought, first = rows[left], low[left], high[left], sought[left], first[left]
        return found
