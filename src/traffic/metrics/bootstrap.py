"""Whether one forecaster is better than another, or only luckier: whole days are drawn anew, the same for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.metrics.evaluate import Evaluation

RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Difference:
    """Masked MAE of the first less that of the second, with the ends of an interval of 95 %."""

    value: float
    low: float
    high: float


def paired_difference(first: Evaluation, second: Evaluation, *, seed: int = 0, resamples: int = RESAMPLES) -> Difference:
    """The paired bootstrap over days (Efron 1979; blocks after Künsch 1989) of masked MAE, horizons and targets averaged.

    Raises:
        ValueError: if the two are not of the same windows and masks.
    """
    if (first.set, first.null) != (second.set, second.null) or not np.array_equal(first.by_day.count, second.by_day.count):
        raise ValueError("The two were measured on other windows or masks.")
    days = np.flatnonzero(first.by_day.count.sum((0, 1)))
    if not len(days):
        return Difference(np.nan, np.nan, np.nan)
    drawn = np.random.default_rng(seed).choice(days, (resamples, len(days)))
    differences = _mae(first, drawn) - _mae(second, drawn)
    low, high = np.nanquantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = _mae(first, days[None])[0] - _mae(second, days[None])[0]
    return Difference(float(value), float(low), float(high))


def _mae(evaluation: Evaluation, drawn: np.ndarray) -> np.ndarray:
    """Mean absolute errors of draws of days (draws, days)."""
    absolute, count = (part[..., drawn].sum(-1) for part in (evaluation.by_day.absolute, evaluation.by_day.count))
    by_step = np.divide(absolute, count, out=np.full(count.shape, np.nan), where=count > 0)
    return by_step.mean((0, 1))
