"""Phases against Python's own calendar."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from fractions import Fraction

import numpy as np
import pytest

from recsys.features.calendar import phase, wave

CYCLES = ("yearly", "quarterly", "monthly", "weekly", "daily")
EPOCH = dt.datetime(1970, 1, 1)


def seconds(moment: dt.datetime) -> int:
    gone = moment - EPOCH
    return gone.days * 86_400 + gone.seconds


def expected(moment: dt.datetime, cycle: str) -> float:
    """The phase by datetime and exact fractions."""
    midnight = dt.datetime(moment.year, moment.month, moment.day)
    if cycle == "daily":
        start, days = midnight, 1
    elif cycle == "weekly":
        start, days = midnight - dt.timedelta(days=moment.isocalendar().weekday - 1), 7
    elif cycle == "monthly":
        start, days = midnight.replace(day=1), calendar.monthrange(moment.year, moment.month)[1]
    elif cycle == "quarterly":
        first = (moment.month - 1) // 3 * 3 + 1
        start = midnight.replace(month=first, day=1)
        days = sum(calendar.monthrange(moment.year, month)[1] for month in range(first, first + 3))
    else:
        start, days = midnight.replace(month=1, day=1), 366 if calendar.isleap(moment.year) else 365
    gone = moment - start
    return float(Fraction(gone.days * 86_400 + gone.seconds, days * 86_400))


def boundaries() -> list[dt.datetime]:
    """The last second and the first of every month, quarter and year, and all leap days, 1970 to 2100."""
    moments = []
    for year in range(1970, 2101):
        for month in range(1, 13):
            last = calendar.monthrange(year, month)[1]
            moments += [dt.datetime(year, month, 1), dt.datetime(year, month, last, 23, 59, 59)]
        if calendar.isleap(year):
            moments += [dt.datetime(year, 2, 29, hour, 30) for hour in (0, 12, 23)]
        moments += [dt.datetime(year, 2, 28, 23, 59, 59), dt.datetime(year, 3, 1)]
    return moments


@pytest.mark.parametrize("cycle", CYCLES)
def test_the_ends_of_years_quarters_months_and_leap_days_are_exact(cycle: str) -> None:
    moments = boundaries()
    got = phase(np.array([seconds(m) for m in moments]), cycle)
    assert got.tolist() == [expected(m, cycle) for m in moments]


def test_a_leap_day_at_noon_has_the_known_phases() -> None:
    moment = seconds(dt.datetime(2024, 2, 29, 12))
    got = [round(float(phase(moment, cycle)), 7) for cycle in CYCLES]
    assert got == [0.1625683, 0.6538462, 0.9827586, 0.5, 0.5]


@pytest.mark.parametrize("cycle", CYCLES)
def test_times_before_1970_and_far_apart_are_counted_the_same_way(cycle: str) -> None:
    moments = [
        dt.datetime(1, 1, 1),
        dt.datetime(1899, 12, 31, 23, 59, 59),
        dt.datetime(1969, 12, 31, 23),
        dt.datetime(9999, 12, 31, 5),
    ]
    got = phase(np.array([seconds(m) for m in moments]), cycle)
    assert got.tolist() == [expected(m, cycle) for m in moments]


@pytest.mark.parametrize("cycle", CYCLES)
def test_a_time_has_the_same_phase_alone_as_among_others(cycle: str) -> None:
    times = np.random.default_rng(0).integers(0, 4 * 10**9, 500)
    alone = np.array([float(phase(time, cycle)) for time in times])
    np.testing.assert_array_equal(phase(times, cycle), alone)
    np.testing.assert_array_equal(phase(times[::-1].reshape(50, 10), cycle).ravel()[::-1], alone)


def test_one_second_makes_a_difference_to_the_day_at_any_epoch() -> None:
    for start in (1_700_000_000, 4_000_000_000, 2**40):
        sine, cosine = wave(phase(np.arange(start, start + 60), "daily"))
        assert len(set(zip(sine.tolist(), cosine.tolist(), strict=True))) == 60


def test_waves_are_sine_and_cosine_of_a_whole_turn() -> None:
    sine, cosine = wave(np.array([0.0, 0.125, 0.25, 0.5, 0.75]))
    half = math.sqrt(0.5)
    np.testing.assert_allclose(sine, [0, half, 1, 0, -1], atol=1e-7)
    np.testing.assert_allclose(cosine, [1, half, 0, -1, 0], atol=1e-7)
    assert sine.dtype == cosine.dtype == np.float32


def test_an_unknown_cycle_and_times_that_are_no_integers_are_refused() -> None:
    with pytest.raises(ValueError, match="no cycle 'hourly'"):
        phase(np.array([1]), "hourly")
    with pytest.raises(TypeError, match="float32"):
        phase(np.array([1.0], np.float32), "daily")


def test_no_times_have_no_phases() -> None:
    assert phase(np.array([], np.int64), "yearly").shape == (0,)
