"""Which quantiles of a forecast bound which interval. The module imports no array package: checks of settings need it, too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MEDIAN = 0.5


@dataclass(frozen=True)
class Interval:
    """Two quantiles around the median.

    Attributes:
        low, high: their places among the quantiles. level: share of truths that should lie between them, exact.
    """

    low: int
    high: int
    level: Fraction

    @property
    def miss(self) -> Fraction:
        """Share of truths that may lie outside (alpha)."""
        return 1 - self.level


def intervals(quantiles: Sequence[float]) -> tuple[Interval, ...]:
    """The widest interval first: the lowest quantile with the highest, the second with the last but one, as far as both sides go."""
    exact = [Fraction(repr(float(quantile))) for quantile in quantiles]
    lows = [place for place, quantile in enumerate(quantiles) if quantile < MEDIAN]
    highs = [place for place, quantile in enumerate(quantiles) if quantile > MEDIAN]
    return tuple(Interval(low, high, exact[high] - exact[low]) for low, high in zip(lows, reversed(highs), strict=False))


def scores_needed(miss: Fraction) -> int:
    """How many scores calibrate an interval that may miss such a share (n + 1 times the share is at least 1)."""
    return math.ceil(1 / miss) - 1


def level_text(level: Fraction | float) -> str:
    """A share in percent with the digits that it has: 90 %, 99.98 %."""
    return f"{100 * float(level):.8g} %"


def ordered(forecast: np.ndarray) -> np.ndarray:
    """Forecasts (..., K) whose quantiles do not cross: sorted along the last axis."""
    found = forecast.copy()
    found.sort(axis=-1)
    return found


def point(forecast: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """The point forecast (...), the median of forecasts (..., K)."""
    return forecast[..., list(quantiles).index(MEDIAN)]
