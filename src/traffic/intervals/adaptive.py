"""Adaptive conformal inference (Gibbs and Candès 2021): where intervals miss too often, they widen, and the other way round."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from traffic.intervals.calibration import Calibration, conformity_scores
from traffic.intervals.levels import intervals

STEP = 0.01
"""How fast a level follows (gamma)."""
LEAST_MISS, MOST_MISS = 0.001, 0.5
GRID = 1000
"""Corrections are kept for shares outside of 1/1000, 2/1000 to 1/2; a level takes the next lower one, which covers more."""
_KEPT = np.arange(1, round(MOST_MISS * GRID) + 1)


@dataclass(frozen=True)
class AdaptiveLevels:
    """Levels that follow what happens, by interval, horizon, detector (or 1 for all) and target.

    Attributes:
        quantiles: K of a forecast. target: float64 (intervals,), the share outside that is aimed at.
        miss: float64 (intervals, P, N or 1, G), the share that intervals are made for now.
        table: float64 (intervals, P, N or 1, G, 500), the correction for each share outside of `GRID`.
    """

    quantiles: tuple[float, ...]
    target: np.ndarray
    miss: np.ndarray
    table: np.ndarray

    @property
    def calibration(self) -> Calibration:
        """The corrections at the levels of now."""
        # a share that was summed up can be a hair below its place in the table
        place = np.clip(np.floor(self.miss * GRID + 1e-9).astype(int), 1, len(_KEPT)) - 1
        return Calibration(self.quantiles, np.take_along_axis(self.table, place[..., None], axis=-1)[..., 0])

    def update(self, missed: np.ndarray, measured: np.ndarray) -> AdaptiveLevels:
        """The levels after truths came: miss + 0.01 (target - share missed), within [0.001, 0.5].

        Args:
            missed: bool (intervals, P, N, G), whether the truth lay outside. measured: bool (P, N, G), where there is one to judge by.
                Detectors that share a level count together; a level without a truth stays.
        """
        counted = np.broadcast_to(measured, missed.shape)
        wrong = missed & counted
        if self.miss.shape[2] == 1:
            wrong, counted = wrong.sum(2, keepdims=True), counted.sum(2, keepdims=True)
        seen = counted > 0
        share = np.divide(wrong, counted, out=np.zeros(self.miss.shape), where=seen)
        moved = np.clip(self.miss + STEP * (self.target[:, None, None, None] - share), LEAST_MISS, MOST_MISS)
        return dataclasses.replace(self, miss=np.where(seen, moved, self.miss))


def adaptive(
    forecast: np.ndarray, truth: np.ndarray, mask: np.ndarray, quantiles: Sequence[float], *, per_detector: bool = False
) -> AdaptiveLevels:
    """Levels that start at the nominal ones, with corrections from validation windows (arguments as of `calibrate`).

    A share outside that is too small for so few scores takes the largest of them.
    """
    scores = conformity_scores(forecast, truth, mask, quantiles)
    found = intervals(quantiles)
    steps, sensors, targets = truth.shape[1:]
    groups = sensors if per_detector else 1
    table = np.zeros((len(found), steps, groups, targets, len(_KEPT)))
    for place in np.ndindex(table.shape[:-1]):
        number, step, group, target = place
        of_all = scores[number, :, step, :, target]
        own = of_all[:, group] if per_detector and not np.isnan(of_all[:, group]).all() else of_all
        measured = np.sort(own[~np.isnan(own)])
        if len(measured):
            ranks = -(-(len(measured) + 1) * (GRID - _KEPT) // GRID)  # as `rank`, for all shares at once
            table[place] = measured[np.minimum(ranks, len(measured)) - 1]
    target_miss = np.array([float(interval.miss) for interval in found])
    start = np.clip(target_miss, LEAST_MISS, MOST_MISS)[:, None, None, None]
    return AdaptiveLevels(tuple(quantiles), target_miss, np.broadcast_to(start, table.shape[:-1]).copy(), table)


def missed(forecast: np.ndarray, truth: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """Whether truths (P, N, G) lie outside the intervals of forecasts (P, N, G, K): bool (intervals, P, N, G)."""
    outside = [(truth < forecast[..., each.low]) | (truth > forecast[..., each.high]) for each in intervals(quantiles)]
    return np.array(outside, bool).reshape(-1, *truth.shape)
