"""Calibration: known corrections, coverage by simulation, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traffic.intervals.making import QUANTILES, forecasts
from traffic.errors import TrafficError
from traffic.intervals.calibration import Calibration, calibrate, conformity_scores, rank
from traffic.intervals.coverage import interval_sums
from traffic.intervals.levels import intervals, ordered, point


def test_intervals_pair_quantiles_from_outside_in_and_leave_over_what_has_no_partner() -> None:
    assert [(each.low, each.high, each.level) for each in intervals(QUANTILES)] == [(0, 4, Fraction(9, 10)), (1, 3, Fraction(1, 2))]
    assert [(each.low, each.high) for each in intervals((0.1, 0.2, 0.5, 0.9))] == [(0, 3)]
    assert intervals((0.5,)) == ()
    assert intervals((0.05, 0.5, 0.95))[0].miss == Fraction(1, 10)


def test_crossing_quantiles_are_put_in_order_and_the_point_forecast_is_the_median() -> None:
    crossed = np.array([[3.0, 1.0, 2.0]])
    np.testing.assert_array_equal(ordered(crossed), [[1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(point(ordered(crossed), (0.1, 0.5, 0.9)), [2.0])


@pytest.mark.parametrize(
    ("count", "miss", "place"),
    [(9, Fraction(1, 10), 9), (10, Fraction(1, 10), 10), (19, Fraction(1, 10), 18), (99, Fraction(1, 20), 95), (3, Fraction(1, 2), 2)],
)
def test_the_score_is_the_one_that_the_finite_sample_asks_for(count: int, miss: Fraction, place: int) -> None:
    assert rank(count, miss) == place


def test_known_scores_give_known_corrections_by_horizon_and_target() -> None:
    # truths lie 1 to 9 outside at the first step, 11 to 19 inside of the upper bound at the second
    outside = np.arange(1.0, 10.0)
    truth = np.stack([100 + outside, 80 - outside - 10 + 20], 1)[:, :, None, None]
    forecast = np.broadcast_to(np.array([0.0, 50.0, 100.0]), (*truth.shape, 3))
    found = calibrate(forecast, truth, np.ones(truth.shape, bool), (0.05, 0.5, 0.95))
    assert found.corrections.shape == (1, 2, 1, 1)
    np.testing.assert_allclose(found.corrections[0, :, 0, 0], [9.0, -11.0])
    np.testing.assert_allclose(found.apply(forecast)[0, :, 0, 0], [[-9, 50, 109], [11, 50, 89]])
    np.testing.assert_array_equal(forecast[0, 0, 0, 0], [0, 50, 100])


def test_each_detector_has_its_own_correction_if_wanted_and_a_silent_one_that_of_all() -> None:
    forecast, truth, mask = forecasts(400, seed=0, sensors=3, spread=0.5)
    mask[:, :, 2] = False
    together, apart = (calibrate(forecast, truth, mask, QUANTILES, per_detector=each) for each in (False, True))
    assert together.corrections.shape == (2, 2, 1, 1)
    assert apart.corrections.shape == (2, 2, 3, 1)
    np.testing.assert_allclose(apart.corrections[:, :, 2], together.corrections[:, :, 0])
    alone = calibrate(forecast[:, :, :1], truth[:, :, :1], mask[:, :, :1], QUANTILES)
    np.testing.assert_allclose(apart.corrections[:, :, 0], alone.corrections[:, :, 0])
    assert (apart.corrections[:, :, 1] > apart.corrections[:, :, 0]).all()


def test_what_was_not_measured_calibrates_nothing() -> None:
    forecast, truth, mask = forecasts(200, seed=1, missing=0.3)
    wild = np.where(mask, truth, 1e9)
    np.testing.assert_array_equal(
        calibrate(forecast, wild, mask, QUANTILES).corrections, calibrate(forecast, truth, mask, QUANTILES).corrections
    )
    assert np.isnan(conformity_scores(forecast, wild, mask, QUANTILES)[:, ~mask]).all()


@pytest.mark.parametrize(("spread", "bias"), [(0.3, 0.0), (3.0, 0.0), (1.0, 2.0)])
def test_after_calibration_wrong_intervals_cover_as_often_as_they_say(spread: float, bias: float) -> None:
    covered = []
    for seed in range(200):
        forecast, truth, mask = forecasts(39, seed=seed, sensors=1, steps=1, spread=spread, bias=bias)
        found = calibrate(forecast, truth, mask, QUANTILES)
        later, comes, there = forecasts(200, seed=10_000 + seed, sensors=1, steps=1, spread=spread, bias=bias)
        covered.append(interval_sums(found.apply(later), comes, there, QUANTILES).coverage[:, 0, 0])
    # the coverage of 39 scores is Beta distributed with mean 36/40 and 20/40; its mean over 200 tries errs by less than 0.4 and 0.6 %
    np.testing.assert_allclose(np.mean(covered, axis=0), [0.9, 0.5], atol=0.02)


@pytest.mark.parametrize("per_detector", [False, True])
def test_too_few_scores_for_a_level_are_refused_with_how_many_it_takes(per_detector: bool) -> None:
    for windows in (8, 9):
        forecast, truth, mask = forecasts(windows, seed=0, sensors=1)
        if windows == 9:
            assert calibrate(forecast, truth, mask, QUANTILES, per_detector=per_detector).corrections.shape == (2, 2, 1, 1)
            continue
        with pytest.raises(TrafficError) as caught:
            calibrate(forecast, truth, mask, QUANTILES, per_detector=per_detector)
        assert (caught.value.code, caught.value.expected, caught.value.found) == ("DATA_TOO_SHORT", 9, 8)


@given(
    forecast=st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=5).map(sorted),
    corrections=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=2),
)
def test_calibrated_quantiles_never_cross_keep_the_median_and_are_no_narrower_than_asked(
    forecast: list[float], corrections: list[float]
) -> None:
    calibration = Calibration(QUANTILES, np.array(corrections).reshape(2, 1, 1, 1))
    found = calibration.apply(np.array(forecast).reshape(1, 1, 1, 5)).ravel()
    assert (np.diff(found) >= 0).all()
    assert found[2] == forecast[2]
    for interval, correction in zip(intervals(QUANTILES), corrections, strict=True):
        assert found[interval.low] <= forecast[interval.low] - correction
        assert found[interval.high] >= forecast[interval.high] + correction
