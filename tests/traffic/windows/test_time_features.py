"""Encodings of time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tests.traffic.making import MONDAY
from traffic.windows.time_features import TimeFeature, day_of_week, encodings, is_weekend, slot_of_day

WEEK = MONDAY - 3 * 86400 + 300 * np.arange(2 * 2016 + 1, dtype=np.int64)


@pytest.mark.parametrize("name", ["tod", "dow"])
def test_neighbouring_times_are_equally_far_apart_over_midnight_and_the_week(name: TimeFeature) -> None:
    steps = np.linalg.norm(np.diff(encodings(WEEK, [name]).astype(np.float64), axis=0), axis=1)
    assert np.ptp(steps) < 1e-6
    assert steps.min() > 5e-4


def test_a_time_has_the_same_place_on_the_circle_a_week_later_and_no_other_in_between() -> None:
    found = encodings(WEEK)
    np.testing.assert_allclose(found[0], found[2016], atol=1e-6)
    assert np.abs(found[1:2016, 2:] - found[0, 2:]).max(1).min() > 1e-4


def test_days_and_slots_agree_with_the_calendar() -> None:
    for time, day, slot, weekend in zip(WEEK, day_of_week(WEEK), slot_of_day(WEEK, 300), is_weekend(WEEK), strict=True):
        expected = dt.datetime.fromtimestamp(int(time), dt.UTC)
        assert (day, slot) == (expected.weekday(), (expected.hour * 60 + expected.minute) // 5)
        assert weekend == (expected.weekday() > 4)


def test_midnight_is_the_start_of_the_circle_and_six_a_quarter_of_it() -> None:
    np.testing.assert_allclose(encodings(np.array([MONDAY, MONDAY + 6 * 3600]), ["tod"]), [[0, 1], [1, 0]], atol=1e-7)
    assert encodings(WEEK, []).shape == (len(WEEK), 0)
