"""Windows by index, and how they are divided."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.traffic.making import MONDAY, made
from traffic.data.contract import TrafficData
from traffic.errors import TrafficError
from traffic.windows.splits import Protocol, split
from traffic.windows.windows import WindowSize, across, covered, input_rows, target_rows, window_ends


def series(rows: int) -> TrafficData:
    return made(rows, 1, values=np.zeros((rows, 1, 1), np.float32))


@pytest.mark.parametrize(
    ("rows", "ratios", "counts"),
    [
        (34272, (0.7, 0.1, 0.2), (23974, 3425, 6850)),
        (52116, (0.7, 0.1, 0.2), (36465, 5209, 10419)),
        (91 * 288, (0.6, 0.2, 0.2), (15711, 5237, 5237)),
        (16992, (0.6, 0.2, 0.2), (10181, 3394, 3394)),
        (98 * 288, (0.6, 0.2, 0.2), (16921, 5640, 5640)),
        (17856, (0.6, 0.2, 0.2), (10700, 3567, 3566)),
    ],
    ids=["METR-LA", "PEMS-BAY", "PEMS03", "PEMS04", "PEMS07", "PEMS08"],
)
def test_the_standard_protocol_counts_windows_as_the_literature(rows: int, ratios: tuple[float, ...], counts: tuple[int, ...]) -> None:
    assert split(series(rows), WindowSize(), protocol="standard", ratios=ratios).counts == counts


def test_the_strict_protocol_counts_windows_of_metr_la_60() -> None:
    assert split(series(10282), WindowSize()).counts == (7174, 1005, 2034)


def test_ratios_are_the_decimals_that_are_written() -> None:
    # in binary floating point 0.7 + 0.1 of 1,000 rows is 799.99...
    found = split(series(1000), WindowSize(1, 1), ratios=(0.7, 0.1, 0.2))
    assert found.counts == (699, 99, 199)


@pytest.mark.parametrize("protocol", ["strict", "standard"])
def test_every_window_lies_in_the_series_and_sets_follow_each_other(protocol: Protocol) -> None:
    size = WindowSize(5, 3)
    found = split(series(200), size, protocol=protocol)
    ends = np.concatenate([found.train, found.val, found.test])
    assert (np.diff(ends) > 0).all()
    assert (input_rows(ends, size).min(), target_rows(ends, size).max()) == (0, 199)
    if protocol == "standard":
        assert len(ends) == 200 - 5 - 3 + 1


def test_in_the_strict_protocol_no_row_is_a_target_in_two_sets_and_no_window_leaves_its_rows() -> None:
    size = WindowSize(5, 3)
    found = split(series(200), size)
    for name, first, stop in (("train", 0, 140), ("val", 140, 160), ("test", 160, 200)):
        ends = found.ends(name)
        assert (input_rows(ends, size).min(), target_rows(ends, size).max() + 1) == (first, stop)


def test_a_window_over_a_kept_gap_is_dropped_by_the_strict_protocol_alone() -> None:
    times = MONDAY + 300 * (np.arange(200) + 12 * (np.arange(200) >= 70))
    data = made(200, timestamps=times)
    size = WindowSize(5, 3)
    whole, strict = split(series(200), size), split(data, size)
    dropped = set(whole.train) - set(strict.train)
    assert dropped == {end for end in whole.train if end - 4 < 70 <= end + 3}
    assert strict.counts[1:] == whole.counts[1:]
    assert split(data, size, protocol="standard").counts == split(series(200), size, protocol="standard").counts


def test_a_stride_takes_fewer_training_windows_only() -> None:
    whole, strided = split(series(200), WindowSize(5, 3)), split(series(200), WindowSize(5, 3), train_stride=4)
    np.testing.assert_array_equal(strided.train, whole.train[::4])
    assert strided.counts[1:] == whole.counts[1:]


@pytest.mark.parametrize("protocol", ["strict", "standard"])
@pytest.mark.parametrize("ratios", [(0.7, 0.1, 0.2), (0.6, 0.2, 0.2), (0.34, 0.33, 0.33), (0.98, 0.01, 0.01)])
def test_the_number_of_rows_that_an_error_asks_for_suffices_and_one_less_does_not(protocol: Protocol, ratios: tuple[float, ...]) -> None:
    with pytest.raises(TrafficError) as caught:
        split(series(20), WindowSize(), protocol=protocol, ratios=ratios)
    assert (caught.value.code, caught.value.found) == ("DATA_TOO_SHORT", 20)
    needed = caught.value.expected
    assert isinstance(needed, int)
    assert min(split(series(needed), WindowSize(), protocol=protocol, ratios=ratios).counts) >= 1
    with pytest.raises(TrafficError):
        split(series(needed - 1), WindowSize(), protocol=protocol, ratios=ratios)


@pytest.mark.parametrize("ratios", [(0.7, 0.3), (0.7, 0.1, 0.1), (0.8, 0.2, 0.0), (1.2, -0.1, -0.1), (0.7, 0.1, float("nan"))])
def test_ratios_that_do_not_divide_a_whole_are_refused(ratios: tuple[float, ...]) -> None:
    with pytest.raises(TrafficError) as caught:
        split(series(200), WindowSize(), ratios=ratios)
    assert (caught.value.code, caught.value.key) == ("DATA_SPLIT", "data.split")


def test_windows_and_strides_below_one_are_refused() -> None:
    with pytest.raises(TrafficError):
        WindowSize(0, 12)
    with pytest.raises(TrafficError) as caught:
        split(series(200), WindowSize(), train_stride=0)
    assert caught.value.key == "data.train_stride"


def test_rows_are_covered_as_counting_them_one_by_one_says() -> None:
    ends = np.array([4, 5, 11, 19], np.int32)
    expected = {row for end in ends for row in range(end - 2, end + 4)}
    assert set(np.flatnonzero(covered(ends, 25, 2, 3))) == expected


def test_breaks_are_seen_at_both_rims_of_a_window() -> None:
    size = WindowSize(3, 2)
    ends = window_ends(0, 20, size)
    found = across(ends, size, np.array([10]))
    assert set(ends[found]) == {end for end in ends if end - 2 < 10 <= end + 2}


def test_a_report_names_protocol_counts_and_dates() -> None:
    data = dataclasses.replace(series(200))
    text = split(data, WindowSize(5, 3)).describe(data.timestamps)
    assert text.startswith(
        "strict: train 133 windows, targets 2024-01-01 00:25:00 to 2024-01-01 11:35:00; val 13 windows, targets 2024-01-01 12:05:00"
    )
