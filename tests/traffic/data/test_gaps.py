"""Gaps in the clock, and zeros that mean missing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.traffic.making import made
from traffic.data.contract import TrafficData
from traffic.data.gaps import with_gaps, without_zeros
from traffic.errors import TrafficError


def with_rows(*kept: slice) -> TrafficData:
    data = made(100)
    rows = np.concatenate([np.arange(100)[each] for each in kept])
    return dataclasses.replace(data, values=data.values[rows], timestamps=data.timestamps[rows])


GAPPED = with_rows(slice(0, 30), slice(42, 70), slice(71, 100))


def test_a_gap_is_refused_with_rows_times_and_seconds() -> None:
    with pytest.raises(TrafficError) as caught:
        with_gaps(GAPPED, "error")
    assert (caught.value.code, caught.value.key, caught.value.row) == ("DATA_GAP", "data.gaps", 30)
    assert caught.value.found == ((30, "2024-01-01 03:30:00", 3900), (58, "2024-01-01 05:55:00", 600))
    assert "insert_nan" in caught.value.hint


def test_only_the_first_five_gaps_are_listed() -> None:
    data = with_rows(*(slice(8 * number, 8 * number + 7) for number in range(8)))
    with pytest.raises(TrafficError) as caught:
        with_gaps(data, "error")
    assert isinstance(caught.value.found, tuple)
    assert len(caught.value.found) == 5
    assert "2 more" in str(caught.value)


def test_gaps_are_filled_with_missing_rows_and_no_row_moves() -> None:
    found = with_gaps(GAPPED, "insert_nan")
    whole = made(100)
    np.testing.assert_array_equal(found.timestamps, whole.timestamps)
    missing = np.isnan(found.values).all((1, 2))
    assert list(np.flatnonzero(missing)) == [*range(30, 42), 70]
    np.testing.assert_array_equal(found.values[~missing], whole.values[~missing])


def test_kept_gaps_leave_every_row_where_it_is() -> None:
    assert with_gaps(GAPPED, "keep") is GAPPED
    np.testing.assert_array_equal(GAPPED.breaks, [30, 58])


def test_steps_that_are_no_multiple_cannot_be_filled() -> None:
    times = made(20).timestamps + np.where(np.arange(20) >= 10, 7, 0)
    data = made(20, timestamps=times)
    with pytest.raises(TrafficError) as caught:
        with_gaps(data, "insert_nan")
    assert (caught.value.code, caught.value.row) == ("DATA_GAP", 10)


def test_a_wrong_century_does_not_fill_the_memory() -> None:
    times = made(20).timestamps + np.where(np.arange(20) >= 10, 300 * 10**7, 0)
    with pytest.raises(TrafficError) as caught:
        with_gaps(made(20, timestamps=times), "insert_nan")
    assert caught.value.code == "DATA_GAP"


def test_zeros_become_missing_only_where_both_say_so() -> None:
    values = made().values.copy()
    values[3, 1] = 0
    data = made(values=values)
    assert np.isnan(without_zeros(data, "both").values).sum() == 1
    for rule in ("none", "metrics"):
        np.testing.assert_array_equal(without_zeros(data, rule).values, values)  # type: ignore[arg-type]
