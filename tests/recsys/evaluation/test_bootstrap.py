"""Intervals of lifts: how often they are right, and what they are about."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from recsys.evaluation.bootstrap import Lift, Pair, paired_lift, paired_lifts
from recsys.evaluation.errors import EvaluationError

RNG = np.random.default_rng(6)
USERS = RNG.integers(0, 300, 4000)
MODEL = (RNG.random(4000) < 0.4).astype(float)
BASELINE = (RNG.random(4000) < 0.3).astype(float)


def test_the_interval_holds_the_true_difference_in_95_of_100_simulated_cases() -> None:
    """Hits of 100 users with 1 to 6 rows each; users differ in their hits and in what the model adds, 0.06 on average."""
    rng = np.random.default_rng(20)
    inside = 0
    for case in range(1000):
        users = np.repeat(np.arange(100), rng.integers(1, 7, 100))
        chance, gain = rng.uniform(0.1, 0.5, 100), rng.uniform(-0.1, 0.22, 100)
        # half of the rows are as easy for the baseline as for the model
        ours, other = rng.random((2, len(users)))
        theirs = np.where(rng.random(len(users)) < 0.5, ours, other)
        model, baseline = ours < (chance + gain)[users], theirs < chance[users]
        interval = paired_lift(model, baseline, users, resamples=700, seed=case).absolute_interval
        inside += interval.low <= 0.06 <= interval.high
    assert 930 <= inside <= 970


def test_the_figures_are_means_over_rows_and_their_difference() -> None:
    lift = paired_lift(MODEL, BASELINE, USERS)
    assert (lift.model, lift.baseline) == (pytest.approx(MODEL.mean()), pytest.approx(BASELINE.mean()))
    assert lift.absolute == pytest.approx(MODEL.mean() - BASELINE.mean())
    assert lift.relative == pytest.approx(MODEL.mean() / BASELINE.mean() - 1)
    assert (lift.users, lift.resamples, lift.seed) == (len(set(USERS.tolist())), 1000, 0)
    assert lift.relative is not None
    assert lift.relative_interval is not None
    assert lift.relative_interval.low < lift.relative < lift.relative_interval.high


def test_with_one_row_a_user_the_interval_is_that_of_the_normal_approximation() -> None:
    difference = MODEL - BASELINE
    interval = paired_lift(MODEL, BASELINE, np.arange(4000)).absolute_interval
    error = difference.std() / math.sqrt(4000)
    assert interval.low == pytest.approx(difference.mean() - 1.96 * error, abs=0.12 * error)
    assert interval.high == pytest.approx(difference.mean() + 1.96 * error, abs=0.12 * error)


def test_rows_of_one_user_that_say_the_same_do_not_narrow_the_interval() -> None:
    users = np.arange(200)
    once = paired_lift(MODEL[:200], BASELINE[:200], users, seed=1).absolute_interval
    ten = paired_lift(np.repeat(MODEL[:200], 10), np.repeat(BASELINE[:200], 10), np.repeat(users, 10), seed=1)
    assert ten.absolute_interval.low == pytest.approx(once.low)
    assert ten.absolute_interval.high == pytest.approx(once.high)


def test_model_and_baseline_are_drawn_together() -> None:
    lift = paired_lift(MODEL + 0.25, MODEL, USERS)
    assert lift.absolute_interval.low == pytest.approx(0.25)
    assert lift.absolute_interval.high == pytest.approx(0.25)
    assert not lift.absolute_interval.includes_zero
    same = paired_lift(MODEL, MODEL, USERS).absolute_interval
    assert (same.low, same.high, same.includes_zero) == (0, 0, True)


def test_numbers_of_users_may_be_any_and_the_seed_decides_the_draws() -> None:
    first = paired_lift(MODEL, BASELINE, USERS, seed=3)
    assert paired_lift(MODEL, BASELINE, USERS * 7_000_000 + 5, seed=3) == first
    assert paired_lift(MODEL, BASELINE, USERS, seed=4).absolute_interval != first.absolute_interval


def test_many_users_are_drawn_in_parts_as_if_at_once(monkeypatch) -> None:
    whole = paired_lift(MODEL, BASELINE, USERS)
    monkeypatch.setattr("recsys.evaluation.bootstrap.AT_ONCE", 1)
    assert paired_lift(MODEL, BASELINE, USERS).absolute_interval == whole.absolute_interval


def test_pairs_that_are_compared_at_once_have_the_lifts_that_each_has_alone() -> None:
    errors = RNG.random(4000)
    pairs = [Pair(MODEL, BASELINE), Pair(MODEL, errors), Pair(errors, BASELINE, "root_mean")]
    alone = [paired_lift(pair.model, pair.baseline, USERS, figure=pair.figure, seed=8) for pair in pairs]
    assert paired_lifts(pairs, USERS, seed=8) == alone
    assert paired_lifts([], USERS) == []
    with pytest.raises(EvaluationError, match=r"model\[0\] is nan"):
        paired_lifts([*pairs, Pair(np.full(4000, np.nan), BASELINE)], USERS)


def test_where_the_baseline_is_zero_there_is_no_relative_lift() -> None:
    lift = paired_lift(MODEL, np.zeros(4000), USERS)
    assert (lift.relative, lift.relative_interval) == (None, None)
    assert lift.absolute == pytest.approx(MODEL.mean())


def test_where_the_baseline_is_zero_in_some_resample_the_relative_lift_has_no_interval() -> None:
    rare = np.zeros(20)
    rare[3] = 1.0
    lift = paired_lift(np.ones(20), rare, np.arange(20))
    assert lift.relative == pytest.approx(19)
    assert lift.relative_interval is None


def test_the_root_of_mean_squared_errors_is_compared_as_a_root() -> None:
    squares = RNG.random((2, 500)) * 4
    lift = paired_lift(squares[0], squares[1], np.arange(500) // 5, figure="root_mean")
    roots = [math.sqrt(sum(row) / 500) for row in squares.tolist()]
    assert (lift.model, lift.baseline) == (pytest.approx(roots[0]), pytest.approx(roots[1]))
    assert lift.absolute_interval.low < roots[0] - roots[1] < lift.absolute_interval.high
    with pytest.raises(EvaluationError, match="root of a mean below 0"):
        paired_lift(-squares[0], squares[1], np.arange(500), figure="root_mean")


def test_a_lift_goes_through_json_and_cannot_be_changed() -> None:
    lift = paired_lift(MODEL, np.zeros(4000), USERS)
    assert Lift.model_validate_json(lift.model_dump_json()) == lift
    with pytest.raises(ValidationError):
        lift.model = 2.0


@pytest.mark.parametrize(
    ("model", "baseline", "users", "code"),
    [
        ([], [], [], "NO_TEST_ROWS"),
        ([1.0, math.nan], [1, 1], [0, 1], "NON_FINITE"),
        ([1.0, 1.0], [1, math.inf], [0, 1], "NON_FINITE"),
        ([1.0, 1.0], [1], [0, 1], "BAD_INPUT"),
        ([1.0, 1.0], [1, 1], [0], "BAD_INPUT"),
    ],
)
def test_what_cannot_be_compared_is_refused(model, baseline, users, code) -> None:
    with pytest.raises(EvaluationError) as caught:
        paired_lift(np.array(model), np.array(baseline), np.array(users))
    assert caught.value.code == code
