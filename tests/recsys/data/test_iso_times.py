"""Times that are all written alike are those that Python's own calendar reads."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from recsys.data.iso_times import microseconds_alike
from recsys.data.text_forms import read_time

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")


def moments(count: int) -> list[dt.datetime]:
    """Moments of all years that Python knows, leap days among them."""
    rng = np.random.default_rng(0)
    seconds = rng.integers(-62_135_596_800, 253_402_300_799, count)
    fractions = rng.integers(0, 1_000_000, count)
    found = [
        EPOCH + dt.timedelta(seconds=int(s), microseconds=int(f))
        for s, f in zip(seconds, fractions, strict=True)
    ]
    return [*found, *(dt.datetime(year, 2, 29, 23, 59, 59, tzinfo=dt.UTC) for year in (4, 1600, 2000, 2024))]


def written(moment: dt.datetime, form: str) -> str:
    return moment.strftime(form).zfill(len(dt.datetime(2000, 1, 1).strftime(form)))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("zone", "hours"), [("", 0.0), ("Z", 0.0), ("+05:30", 5.5), ("-0330", -3.5), ("+02", 2.0)]
)
def test_they_are_what_the_calendar_says(form: str, zone: str, hours: float) -> None:
    if zone and form == "%Y-%m-%d":
        return
    times = moments(2_000)
    found = microseconds_alike(pl.Series([written(t, form) + zone for t in times]))
    assert found is not None
    values, possible = found
    assert possible.all()
    for time, value in zip(times, values.tolist(), strict=True):
        cut = dt.datetime.strptime(written(time, form), form).replace(tzinfo=dt.UTC)
        assert value == (cut - EPOCH - dt.timedelta(hours=hours)) // dt.timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("2024-02-29", "2023-02-29"),
        ("2000-02-29", "1900-02-29"),
        ("2024-01-31", "2024-04-31"),
        ("2024-01-01", "2024-00-01"),
        ("2024-01-01", "2024-13-01"),
        ("2024-01-01", "2024-01-00"),
        ("2024-01-01T23:59", "2024-01-01T24:00"),
        ("2024-01-01T23:59", "2024-01-01T23:60"),
        ("2024-01-01T23:59:59", "2024-01-01T23:59:60"),
    ],
)
def test_a_day_or_an_hour_that_there_is_not_is_no_time(first: str, other: str) -> None:
    found = microseconds_alike(pl.Series([first, other]))
    assert found is not None
    assert found[1].tolist() == [True, False]


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["soon", "late"],
        ["2024-01-01", "2024-01-01T10:00"],
        ["2024-01-01T10:00", "2024-01-01 10:00"],
        ["2024-01-01T10:00+01", "2024-01-01T10:00+02"],
        ["2024-01-01", "2024-01-0x"],
        ["2024-01-01", "2024/01/01"],
        ["2024-01-01", "2024-01-1\u0661"],
    ],
)
def test_values_of_several_forms_are_not_read(values: list[str]) -> None:
    assert microseconds_alike(pl.Series(values, dtype=pl.String)) is None


def test_a_column_is_read_alike_with_missing_values_and_with_values_of_another_form() -> None:
    alike = ["2024-03-05T10:12:00Z", None, "2024-03-05T10:12:60Z", "2024-03-06T00:00:01Z", None]
    mixed = [*alike, "2024-03-07"]
    read = [
        pl.DataFrame({"t": values}).select(read_time(pl.col("t"))).to_series() for values in (alike, mixed)
    ]
    assert read[0].to_list() == read[1].to_list()[:-1]
    assert [value is None for value in read[0].to_list()] == [False, True, True, False, True]
    assert read[0].dtype == pl.Datetime("us", "UTC")
