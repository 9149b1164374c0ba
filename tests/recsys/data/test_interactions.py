"""Tables of any kind of id and time as numbers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from recsys.data.interactions import NO_TIME, interactions_of

FRAME = pl.DataFrame(
    {
        "who": ["b", "a", "é", "a"],
        "what": [10, 9, 10, 100],
        "when": [
            dt.datetime(2024, 2, 29, 12, 0, 1, 900_000),
            dt.datetime(1969, 12, 31, 23, 59, 59),
            None,
            None,
        ],
        "day": [dt.date(1970, 1, 2), None, None, None],
        "epoch": [5, -5, None, 0],
        "words": ["x", "y", "z", "x"],
    }
)


def test_ids_are_numbered_in_the_order_of_their_text() -> None:
    data = interactions_of(FRAME, "who", "what")
    assert data.user_ids == ["a", "b", "é"]
    assert data.user.tolist() == [1, 0, 2, 0]
    assert data.item_ids == ["10", "100", "9"]
    assert data.item.tolist() == [0, 2, 0, 1]
    assert data.second is None
    assert len(data) == 4


@pytest.mark.parametrize(
    ("column", "seconds"),
    [
        ("when", [1709208001, -1, NO_TIME, NO_TIME]),
        ("day", [86_400, NO_TIME, NO_TIME, NO_TIME]),
        ("epoch", [5, -5, NO_TIME, 0]),
    ],
)
def test_times_are_whole_seconds_since_1970(column: str, seconds: list[int]) -> None:
    second = interactions_of(FRAME, "who", "what", column).second
    assert second is not None
    assert second.dtype == np.int64
    assert second.tolist() == seconds


def test_a_time_in_another_zone_is_its_moment_in_utc() -> None:
    moment = dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)
    frame = FRAME.with_columns(zoned=pl.Series([moment] * 4).dt.convert_time_zone("Asia/Tokyo"))
    second = interactions_of(frame, "who", "what", "zoned").second
    assert second is not None
    assert set(second.tolist()) == {int(moment.timestamp())}


def test_numbers_do_not_depend_on_what_the_process_saw_before_nor_on_the_order_of_rows() -> None:
    pl.Series(["zz", "é", "b", "a"], dtype=pl.Categorical)
    straight, reverse = interactions_of(FRAME, "who", "what"), interactions_of(FRAME.reverse(), "who", "what")
    assert reverse.user.tolist() == straight.user[::-1].tolist()
    assert reverse.user_ids == straight.user_ids


def test_what_cannot_be_read_is_said_with_its_column() -> None:
    with pytest.raises(ValueError, match='"whom" is not in the table'):
        interactions_of(FRAME, "whom", "what")
    with pytest.raises(ValueError, match='"words" holds String, not times'):
        interactions_of(FRAME, "who", "what", "words")
    with pytest.raises(ValueError, match='"epoch" has 1 empty ids'):
        interactions_of(FRAME, "epoch", "what")
