"""Coverage, width and interval score: by hand, over parts, and before and after calibration."""

from __future__ import annotations

import numpy as np
import pytest

from tests.traffic.intervals.making import QUANTILES, forecasts
from traffic.intervals.calibration import calibrate
from traffic.intervals.coverage import interval_sums


def test_the_score_of_three_truths_is_what_is_worked_out_by_hand() -> None:
    forecast = np.broadcast_to(np.array([10.0, 15.0, 20.0]), (3, 1, 1, 1, 3))
    truth = np.array([12.0, 9.0, 25.0]).reshape(3, 1, 1, 1)
    found = interval_sums(forecast, truth, np.ones(truth.shape, bool), (0.1, 0.5, 0.9))
    assert found.coverage.shape == (1, 1, 1)
    assert found.coverage[0, 0, 0] == pytest.approx(1 / 3)
    assert found.mean_width[0, 0, 0] == 10.0
    # width 10 each, and 2 / 0.2 times what lies 1 and 5 outside
    assert found.mean_score[0, 0, 0] == pytest.approx((10 + 10 + 10 * 1 + 10 + 10 * 5) / 3)


def test_bounds_count_as_inside_and_what_was_not_measured_counts_nothing() -> None:
    forecast = np.broadcast_to(np.array([10.0, 15.0, 20.0]), (3, 1, 1, 1, 3))
    truth = np.array([10.0, 20.0, np.nan]).reshape(3, 1, 1, 1)
    found = interval_sums(forecast, truth, ~np.isnan(truth), (0.1, 0.5, 0.9))
    assert (found.coverage[0, 0, 0], found.count[0, 0, 0]) == (1.0, 2.0)
    nothing = interval_sums(forecast, truth, np.zeros(truth.shape, bool), (0.1, 0.5, 0.9))
    assert np.isnan([nothing.coverage, nothing.mean_width, nothing.mean_score]).all()


def test_sums_over_parts_are_the_sums_over_the_whole() -> None:
    forecast, truth, mask = forecasts(60, seed=4, missing=0.2)
    whole = interval_sums(forecast, truth, mask, QUANTILES)
    pieces = [interval_sums(forecast[rows], truth[rows], mask[rows], QUANTILES) for rows in (slice(0, 17), slice(17, 60))]
    joined = pieces[0] + pieces[1]
    for name in ("coverage", "mean_width", "mean_score"):
        np.testing.assert_allclose(getattr(joined, name), getattr(whole, name))
        assert getattr(joined.over_horizons(), name).shape == (2, 1, 1)
    assert joined.over_horizons().count.sum() == 2 * mask.sum()


@pytest.mark.parametrize("spread", [0.4, 2.5])
def test_calibration_brings_coverage_to_its_level_and_improves_the_score(spread: float) -> None:
    validation, test = forecasts(800, seed=5, spread=spread), forecasts(800, seed=6, spread=spread)
    before = interval_sums(*test, QUANTILES)
    after = interval_sums(calibrate(*validation, QUANTILES).apply(test[0]), *test[1:], QUANTILES)
    np.testing.assert_allclose(after.coverage[:, :, 0], [[0.9, 0.9], [0.5, 0.5]], atol=0.04)
    assert (abs(before.coverage[:, :, 0] - [[0.9], [0.5]]) > 0.09).all()
    assert (after.mean_score < before.mean_score).all()
    assert ((after.mean_width > before.mean_width) == (spread < 1)).all()
