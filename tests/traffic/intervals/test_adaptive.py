"""Adaptive levels: one step by hand, their bounds, and coverage when the world changes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.traffic.intervals.making import QUANTILES, forecasts
from traffic.intervals.adaptive import AdaptiveLevels, adaptive, missed
from traffic.intervals.calibration import calibrate

WIDE = (0.05, 0.5, 0.95)
ALL = np.ones((1, 2, 1), bool)


def levels(windows: int = 999, **settings: bool) -> AdaptiveLevels:
    return adaptive(*forecasts(windows, seed=0), QUANTILES, **settings)


def test_they_start_at_the_nominal_levels_with_the_corrections_of_calibration() -> None:
    for per_detector in (False, True):
        found = levels(per_detector=per_detector)
        np.testing.assert_allclose(found.target, [0.1, 0.5])
        expected = calibrate(*forecasts(999, seed=0), QUANTILES, per_detector=per_detector).corrections
        np.testing.assert_allclose(found.calibration.corrections, expected)


def test_a_level_falls_where_truths_lie_outside_and_rises_where_they_do_not() -> None:
    outside = np.zeros((2, 2, 2, 1), bool)
    outside[0, 1] = True  # the wide interval, second step, both detectors
    outside[1, 0, 0] = True  # the narrow one, first step, one of two
    found = levels().update(outside, np.ones((2, 2, 1), bool))
    np.testing.assert_allclose(found.miss[0, :, 0, 0], [0.1 + 0.01 * 0.1, 0.1 + 0.01 * (0.1 - 1)])
    np.testing.assert_allclose(found.miss[1, :, 0, 0], [0.5, 0.5])  # 0.5 - 0.5 of two; and 0.505 is above the bound
    assert found.calibration.corrections[0, 1] > levels().calibration.corrections[0, 1]
    assert found.calibration.corrections[0, 0] <= levels().calibration.corrections[0, 0]


def test_what_was_not_measured_moves_no_level() -> None:
    start = levels(per_detector=True)
    measured = np.zeros((2, 2, 1), bool)
    measured[:, 0] = True
    found = start.update(np.ones((2, 2, 2, 1), bool), measured)
    np.testing.assert_array_equal(found.miss[:, :, 1], start.miss[:, :, 1])
    assert (found.miss[:, :, 0] < start.miss[:, :, 0]).all()
    np.testing.assert_array_equal(levels().update(np.ones((2, 2, 2, 1), bool), np.zeros((2, 2, 1), bool)).miss, levels().miss)


@pytest.mark.parametrize(("outside", "bound"), [(True, 0.001), (False, 0.5)])
def test_levels_stay_within_their_bounds_and_corrections_within_what_was_seen(outside: bool, bound: float) -> None:
    found = levels(50)
    for _ in range(600):
        found = found.update(np.full((2, 2, 2, 1), outside), np.ones((2, 2, 1), bool))
    np.testing.assert_allclose(found.miss[0], bound)
    assert np.isfinite(found.calibration.corrections).all()
    if outside:  # too small a share for 50 scores of two detectors: the largest of them
        np.testing.assert_array_equal(found.calibration.corrections, found.table.max(-1))


def test_a_world_that_becomes_wilder_is_covered_again_where_fixed_intervals_are_not() -> None:
    calm, wild = forecasts(2000, seed=1), forecasts(2000, seed=2, spread=0.5)
    moving, fixed = adaptive(*calm, QUANTILES), calibrate(*calm, QUANTILES)
    hit: dict[str, list[np.ndarray]] = {"moving": [], "fixed": []}
    for forecast, truth, mask in zip(*wild, strict=True):
        for name, calibration in (("moving", moving.calibration), ("fixed", fixed)):
            hit[name].append(~missed(calibration.apply(forecast), truth, QUANTILES)[0])
        moving = moving.update(missed(moving.calibration.apply(forecast), truth, QUANTILES), mask)
    later = {name: np.mean(values[500:]) for name, values in hit.items()}
    assert later["fixed"] < 0.7
    assert later["moving"] == pytest.approx(0.9, abs=0.02)


def test_truths_on_a_bound_are_inside() -> None:
    forecast = np.broadcast_to(np.array([1.0, 2.0, 3.0]), (1, 4, 1, 3))
    truth = np.array([0.9, 1.0, 3.0, 3.1]).reshape(1, 4, 1)
    np.testing.assert_array_equal(missed(forecast, truth, WIDE)[0, 0, :, 0], [True, False, False, True])
