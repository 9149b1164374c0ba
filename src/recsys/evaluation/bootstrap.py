"""How much better than a baseline, and how sure that is: a paired bootstrap over users (Efron 1979)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.halting import Check, never
from recsys.evaluation.protocol import Frozen

RESAMPLES = 1000
LEVEL = 95.0
AT_ONCE = 2**16
"""Draws of users that are held at a time: they stay in the processor's cache."""


class Interval(Frozen):
    """Where the middle 95 % of the resamples lie."""

    low: float
    high: float

    @property
    def includes_zero(self) -> bool:
        """Whether there may be no difference at all."""
        return self.low <= 0 <= self.high


class Lift(Frozen):
    """A model against a baseline on the same rows.

    Attributes:
        model, baseline: the two figures. absolute: model - baseline, with its interval.
        relative: the same in shares of the baseline; None where the baseline is 0.
        relative_interval: None where the baseline is 0 in any resample, too.
        users, resamples, seed: how the intervals were found.
    """

    model: float
    baseline: float
    absolute: float
    absolute_interval: Interval
    relative: float | None
    relative_interval: Interval | None
    users: int
    resamples: int
    seed: int


def paired_lift(
    model: np.ndarray,
    baseline: np.ndarray,
    users: np.ndarray,
    *,
    figure: Literal["mean", "root_mean"] = "mean",
    resamples: int = RESAMPLES,
    seed: int = 0,
    check: Check = never,
) -> Lift:
    """The difference of two means over rows, with 95 % percentile intervals.

    Users are drawn with replacement, each with all its rows, for model and baseline alike.

    Args:
        model, baseline: (Q,) one value a row, such as hits, gains or squared errors.
        users: (Q,) whose row each is, whole numbers.
        figure: `root_mean` takes the root of the means: of squared errors it makes RMSE.
        check: called between blocks of resamples.

    Raises:
        EvaluationError: NO_TEST_ROWS without rows, NON_FINITE if a value is, BAD_INPUT if the lengths differ.
    """
    table = _sums(model, baseline, users)
    if figure == "root_mean" and table.min() < 0:
        raise EvaluationError("BAD_INPUT", "the root of a mean below 0 was asked for", "Give squared errors")
    rng = np.random.default_rng(seed)
    n = len(table)
    drawn = np.empty((resamples, 3))
    height = max(1, AT_ONCE // n)
    for start in range(0, resamples, height):
        check()
        draws = rng.integers(n, size=(min(height, resamples - start), n))
        # not a product of counts and sums: BLAS would start its threads for three columns
        for column in range(3):
            drawn[start : start + height, column] = table[:, column].take(draws).sum(axis=1)
    (ours, theirs), (all_ours, all_theirs) = _figures(table.sum(axis=0), figure), _figures(drawn, figure)
    differences = all_ours - all_theirs
    sure = bool((all_theirs != 0).all()) and theirs != 0
    return Lift(
        model=float(ours),
        baseline=float(theirs),
        absolute=float(ours - theirs),
        absolute_interval=_interval(differences),
        relative=float((ours - theirs) / theirs) if theirs != 0 else None,
        relative_interval=_interval(differences / all_theirs) if sure else None,
        users=n,
        resamples=resamples,
        seed=seed,
    )


def _sums(model: np.ndarray, baseline: np.ndarray, users: np.ndarray) -> np.ndarray:
    """Sum of the model's values, of the baseline's, and number of rows of each user, float64 (U, 3)."""
    if not len(model) == len(baseline) == len(users):
        lengths = f"{len(model)}, {len(baseline)} and {len(users)}"
        raise EvaluationError("BAD_INPUT", f"the lengths of model, baseline and users differ: {lengths}")
    if len(users) == 0:
        raise EvaluationError("NO_TEST_ROWS", "there are no test rows to compare on", "Choose another split")
    for name, values in (("model", model), ("baseline", baseline)):
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise EvaluationError("NON_FINITE", f"{name}[{wrong[0]}] is {values[wrong[0]]}")
    user = np.unique(users, return_inverse=True)[1]
    return np.stack([np.bincount(user, model), np.bincount(user, baseline), np.bincount(user)], axis=1)


def _figures(sums: np.ndarray, figure: Literal["mean", "root_mean"]) -> tuple[np.ndarray, np.ndarray]:
    """The model's and the baseline's figure from sums (..., 3)."""
    means = sums[..., :2] / sums[..., 2:]
    if figure == "root_mean":
        means = np.sqrt(means)
    return means[..., 0], means[..., 1]


def _interval(values: np.ndarray) -> Interval:
    low, high = np.percentile(values, [50 - LEVEL / 2, 50 + LEVEL / 2])
    return Interval(low=float(low), high=float(high))
