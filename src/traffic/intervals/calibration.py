"""Conformalised quantile regression (Romano, Patterson and Candès 2019): intervals that cover as often as they say.

Each interval is widened, or narrowed, by a score that so many of the validation windows stay below. Where errors of tomorrow are like
those of validation, the coverage is at least the nominal one, whatever the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from traffic.errors import Place, TrafficError
from traffic.intervals.levels import intervals, level_text, point, scores_needed


@dataclass(frozen=True)
class Calibration:
    """Corrections in the units of the forecasts.

    Attributes:
        quantiles: K of a forecast. corrections: float64 (intervals, P, N or 1, G), by which each interval's bounds move outward.
    """

    quantiles: tuple[float, ...]
    corrections: np.ndarray

    def apply(self, forecast: np.ndarray) -> np.ndarray:
        """Forecasts (..., P, N, G, K) with calibrated bounds; the median stays, and no quantiles cross.

        A bound that would pass the median or a narrower interval's bound stops there, which can only cover more.
        """
        found = forecast.copy()
        low = high = point(forecast, self.quantiles)
        pairs = list(zip(intervals(self.quantiles), self.corrections, strict=True))
        for interval, correction in reversed(pairs):  # the narrowest first
            low = np.minimum(forecast[..., interval.low] - correction, low)
            high = np.maximum(forecast[..., interval.high] + correction, high)
            found[..., interval.low], found[..., interval.high] = low, high
        return found


def conformity_scores(forecast: np.ndarray, truth: np.ndarray, mask: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """How far truths lie outside each interval, negative inside: float64 (intervals, windows, P, N, G), NaN where nothing was measured.

    Args:
        forecast: (windows, P, N, G, K), quantiles in order. truth: (windows, P, N, G). mask: bool, where the truth was measured.
    """
    truth = truth.astype(np.float64)
    outside = [np.maximum(forecast[..., each.low] - truth, truth - forecast[..., each.high]) for each in intervals(quantiles)]
    return np.where(mask, np.array(outside).reshape(-1, *truth.shape), np.nan)


def rank(count: int, miss: Fraction | float) -> int:
    """Which of so many scores, counted from 1 for the least, a share of at most `miss` exceeds: the ceiling of (n + 1)(1 - miss)."""
    return math.ceil((count + 1) * (1 - Fraction(miss)))


def calibrate(
    forecast: np.ndarray, truth: np.ndarray, mask: np.ndarray, quantiles: Sequence[float], *, per_detector: bool = False
) -> Calibration:
    """Corrections by horizon and target, if wanted by detector, from validation windows.

    Detectors that measured nothing take the correction of all.

    Args:
        forecast: (windows, P, N, G, K), quantiles in order. truth: (windows, P, N, G). mask: bool, where the truth was measured.

    Raises:
        TrafficError: DATA_TOO_SHORT with the number of scores needed and found, if they are too few for the level.
    """
    scores = conformity_scores(forecast, truth, mask, quantiles)
    corrections = np.array(
        [_corrections(each, interval.miss, per_detector) for each, interval in zip(scores, intervals(quantiles), strict=True)]
    )
    shape = (len(scores), truth.shape[1], truth.shape[2] if per_detector else 1, truth.shape[3])
    return Calibration(tuple(quantiles), corrections.reshape(shape))


def _corrections(scores: np.ndarray, miss: Fraction, per_detector: bool) -> np.ndarray:
    """(P, N or 1, G) of scores (windows, P, N, G)."""
    _, steps, sensors, targets = scores.shape
    found = np.empty((steps, sensors if per_detector else 1, targets))
    for step in range(steps):
        for target in range(targets):
            of_all = scores[:, step, :, target]
            if not per_detector:
                found[step, 0, target] = _score(of_all, miss, step)
                continue
            for sensor in range(sensors):
                own = of_all[:, sensor]
                found[step, sensor, target] = _score(of_all if np.isnan(own).all() else own, miss, step, sensor)
    return found


def _score(scores: np.ndarray, miss: Fraction, step: int, sensor: int | None = None) -> float:
    measured = scores[~np.isnan(scores)]
    place = rank(len(measured), miss)
    if place > len(measured):
        needed = scores_needed(miss)
        whose = "" if sensor is None else f" of detector {sensor + 1}"
        raise TrafficError(
            "DATA_TOO_SHORT", f"{len(measured):,} measured values{whose} at step {step + 1} are too few for intervals of {level_text(1 - miss)}.",
            hint=f"Give {needed:,} in the validation set, choose narrower quantiles, or calibrate all detectors together.",
            at=Place(key="data.split"), expected=needed, found=len(measured),
        )  # fmt: skip
    return float(np.partition(measured, place - 1)[place - 1])
