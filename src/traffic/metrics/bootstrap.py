"""Whether one forecaster is better than another, or only luckier: whole days are drawn anew, the same for both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from traffic.metrics.evaluate import Evaluation

RESAMPLES = 1000
LEVEL = 0.95
FEWEST_DAYS = 5
"""Fewer whole days say nothing of how days differ, and give no interval."""
WHOLE = 0.5
"""The share of the fullest day's errors from which on a day counts as whole."""


@dataclass(frozen=True)
class Difference:
    """Masked MAE of the first less that of the second.

    Attributes:
        low, high: ends of an interval of 95 %; NaN where there are too few days. days: whole ones that it is of.
    """

    value: float
    low: float
    high: float
    days: int

    @property
    def told(self) -> bool:
        """Whether it has an interval."""
        return math.isfinite(self.low)


def no_interval(days: int) -> str:
    """Why so few whole days give no interval."""
    return f"no interval of 95 % from {days} whole test day{'' if days == 1 else 's'}: days are drawn anew, and {FEWEST_DAYS} are needed"


def mean_of(evaluations: Sequence[Evaluation]) -> Evaluation:
    """One with the errors by day of several, of the same windows and masks, averaged: of runs that differ in their seeds."""
    first, days = evaluations[0], [each.by_day for each in evaluations]
    return replace(first, by_day=replace(first.by_day, absolute=np.mean([each.absolute for each in days], axis=0)))


def paired_difference(first: Evaluation, second: Evaluation, *, seed: int = 0, resamples: int = RESAMPLES) -> Difference:
    """The paired bootstrap over days (Efron 1979; blocks after Künsch 1989) of masked MAE, horizons and targets averaged.

    Of fewer than `FEWEST_DAYS` whole days there is no interval.

    Raises:
        ValueError: if the two are not of the same windows and masks.
    """
    if (first.set, first.null) != (second.set, second.null) or not np.array_equal(first.by_day.count, second.by_day.count):
        raise ValueError("The two were measured on other windows or masks.")
    days = np.flatnonzero(first.by_day.count.sum((0, 1)))
    if not len(days):
        return Difference(np.nan, np.nan, np.nan, 0)
    counts = first.by_day.count.sum((0, 1))
    whole = int((counts >= WHOLE * counts.max()).sum())
    value = float(_mae(first, days[None])[0] - _mae(second, days[None])[0])
    if whole < FEWEST_DAYS:
        return Difference(value, np.nan, np.nan, whole)
    drawn = np.random.default_rng(seed).choice(days, (resamples, len(days)))
    differences = _mae(first, drawn) - _mae(second, drawn)
    low, high = np.nanquantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Difference(value, float(low), float(high), whole)


def _mae(evaluation: Evaluation, drawn: np.ndarray) -> np.ndarray:
    """Mean absolute errors of draws of days (draws, days)."""
    absolute, count = (part[..., drawn].sum(-1) for part in (evaluation.by_day.absolute, evaluation.by_day.count))
    by_step = np.divide(absolute, count, out=np.full(count.shape, np.nan), where=count > 0)
    return by_step.mean((0, 1))
