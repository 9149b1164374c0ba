"""How well intervals cover: sums over a whole set, by interval, horizon and target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from traffic.intervals.levels import intervals


@dataclass(frozen=True)
class IntervalSums:
    """Float64 arrays (intervals, P, G).

    Attributes:
        covered: truths inside. width: sum of widths. score: sum of interval scores. count: truths that were measured.
    """

    covered: np.ndarray
    width: np.ndarray
    score: np.ndarray
    count: np.ndarray

    def __add__(self, other: IntervalSums) -> IntervalSums:
        return IntervalSums(self.covered + other.covered, self.width + other.width, self.score + other.score, self.count + other.count)

    @property
    def coverage(self) -> np.ndarray:
        """Share of truths inside, NaN where nothing was measured."""
        return self._mean(self.covered)

    @property
    def mean_width(self) -> np.ndarray:
        """Mean width in the forecasts' units."""
        return self._mean(self.width)

    @property
    def mean_score(self) -> np.ndarray:
        """Mean interval score in the forecasts' units; lower is better."""
        return self._mean(self.score)

    def over_horizons(self) -> IntervalSums:
        """Sums (intervals, 1, G) over all horizons."""
        return IntervalSums(*(part.sum(1, keepdims=True) for part in (self.covered, self.width, self.score, self.count)))

    def _mean(self, total: np.ndarray) -> np.ndarray:
        return np.divide(total, self.count, out=np.full(total.shape, np.nan), where=self.count > 0)


def interval_sums(forecast: np.ndarray, truth: np.ndarray, mask: np.ndarray, quantiles: Sequence[float]) -> IntervalSums:
    """Sums over windows and detectors.

    The interval score of bounds l, u for a share alpha outside is (u - l) + 2/alpha (l - y)+ + 2/alpha (y - u)+ (Gneiting and Raftery
    2007, eq. 43).

    Args:
        forecast: (windows, P, N, G, K), quantiles in order. truth: (windows, P, N, G). mask: bool, where the truth was measured.
    """
    y = np.where(mask, truth, 0.0).astype(np.float64)
    parts: list[tuple[np.ndarray, ...]] = []
    for interval in intervals(quantiles):
        low, high = forecast[..., interval.low].astype(np.float64), forecast[..., interval.high].astype(np.float64)
        outside = np.maximum(low - y, 0.0) + np.maximum(y - high, 0.0)
        width = high - low
        each = (outside == 0, width, width + 2.0 / float(interval.miss) * outside, np.ones_like(y))
        parts.append(tuple(np.where(mask, value, 0.0).sum((0, 2)) for value in each))
    shape = (len(parts), truth.shape[1], truth.shape[3])
    return IntervalSums(*(np.array([part[number] for part in parts]).reshape(shape) for number in range(4)))
