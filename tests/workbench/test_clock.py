from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from workbench import clock


def test_now_is_spelled_with_milliseconds_and_z() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", clock.utc_now())


def test_other_zones_are_turned_into_utc() -> None:
    moment = datetime(2025, 3, 1, 14, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    assert clock.to_text(moment) == "2025-03-01T12:00:00.123Z"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.to_text(datetime(2025, 3, 1))


def test_text_and_moment_are_each_others_inverse() -> None:
    text = "2025-03-01T12:00:00.123Z"
    assert clock.from_text(text) == datetime(2025, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
    assert clock.to_text(clock.from_text(text)) == text


def test_seconds_between_two_times() -> None:
    assert clock.seconds_between("2025-03-01T12:00:00.500Z", "2025-03-01T12:01:00.000Z") == 59.5
