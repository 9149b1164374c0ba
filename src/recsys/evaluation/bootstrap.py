"""How much better than a baseline, and how sure that is: a paired bootstrap over users (Efron 1979)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


Figure = Literal["mean", "root_mean"]
"""A mean, or its root: of squared errors it makes RMSE."""


@dataclass(frozen=True)
class Pair:
    """Two that are compared, one value a row each, such as hits, gains or squared errors: arrays (Q,)."""

    model: np.ndarray
    baseline: np.ndarray
    figure: Figure = "mean"


def paired_lift(
    model: np.ndarray,
    baseline: np.ndarray,
    users: np.ndarray,
    *,
    figure: Figure = "mean",
    resamples: int = RESAMPLES,
    seed: int = 0,
    check: Check = never,
) -> Lift:
    """The lift of one pair; see `paired_lifts`."""
    (found,) = paired_lifts(
        [Pair(model, baseline, figure)], users, resamples=resamples, seed=seed, check=check
    )
    return found


def paired_lifts(
    pairs: Sequence[Pair],
    users: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    check: Check = never,
) -> list[Lift]:
    """The differences of two means over rows each, with 95 % percentile intervals.

    Users are drawn with replacement, each with all its rows, for model and baseline alike, and for all pairs at once: each has
    the intervals that it would have alone.

    Args:
        users: (Q,) whose row each is, whole numbers.
        check: called between blocks of resamples.

    Raises:
        EvaluationError: NO_TEST_ROWS without rows, NON_FINITE if a value is, BAD_INPUT if the lengths differ.
    """
    for pair in pairs:
        _check(pair, users)
    if not pairs:
        return []
    # an array that stands in several pairs, as the model's own, is summed once
    arrays = {id(array): array for pair in pairs for array in (pair.model, pair.baseline)}
    user = np.unique(users, return_inverse=True)[1]
    sums = {key: np.bincount(user, array) for key, array in arrays.items()}
    counts = np.bincount(user).astype(np.float64)
    n = len(counts)
    drawn = {key: np.empty(resamples) for key in sums}
    drawn_counts = np.empty(resamples)
    rng = np.random.default_rng(seed)
    height = max(1, AT_ONCE // n)
    for start in range(0, resamples, height):
        check()
        draws = rng.integers(n, size=(min(height, resamples - start), n))
        drawn_counts[start : start + height] = counts.take(draws).sum(axis=1)
        # not a product of how often each user was drawn and sums: BLAS would start its threads for a few columns
        for key, column in sums.items():
            drawn[key][start : start + height] = column.take(draws).sum(axis=1)
    means = {key: (sums[key].sum() / counts.sum(), drawn[key] / drawn_counts) for key in sums}
    return [
        _lift(
            means[id(pair.model)],
            means[id(pair.baseline)],
            pair.figure,
            users=n,
            resamples=resamples,
            seed=seed,
        )
        for pair in pairs
    ]


def _check(pair: Pair, users: np.ndarray) -> None:
    """Raise EvaluationError for what cannot be compared."""
    if not len(pair.model) == len(pair.baseline) == len(users):
        lengths = f"{len(pair.model)}, {len(pair.baseline)} and {len(users)}"
        raise EvaluationError("BAD_INPUT", f"the lengths of model, baseline and users differ: {lengths}")
    if len(users) == 0:
        raise EvaluationError("NO_TEST_ROWS", "there are no test rows to compare on", "Choose another split")
    for name, values in (("model", pair.model), ("baseline", pair.baseline)):
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise EvaluationError("NON_FINITE", f"{name}[{wrong[0]}] is {values[wrong[0]]}")
        if pair.figure == "root_mean" and values.min() < 0:
            raise EvaluationError(
                "BAD_INPUT", "the root of a mean below 0 was asked for", "Give squared errors"
            )


_Means = tuple[np.float64, np.ndarray]
"""A mean over all rows, and those of the resamples (R,)."""


def _lift(model: _Means, baseline: _Means, figure: Figure, **how: int) -> Lift:
    """The lift of means; `how` the intervals are found is told with it."""
    if figure == "root_mean":
        model, baseline = ((np.sqrt(whole), np.sqrt(drawn)) for whole, drawn in (model, baseline))
    (ours, all_ours), (theirs, all_theirs) = model, baseline
    differences = all_ours - all_theirs
    sure = bool((all_theirs != 0).all()) and theirs != 0
    return Lift(
        model=float(ours),
        baseline=float(theirs),
        absolute=float(ours - theirs),
        absolute_interval=_interval(differences),
        relative=float((ours - theirs) / theirs) if theirs != 0 else None,
        relative_interval=_interval(differences / all_theirs) if sure else None,
        **how,
    )


def _interval(values: np.ndarray) -> Interval:
    low, high = np.percentile(values, [50 - LEVEL / 2, 50 + LEVEL / 2])
    return Interval(low=float(low), high=float(high))
