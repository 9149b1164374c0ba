"""Durations, sizes and counts as people read them."""

from __future__ import annotations

import pytest

from dashboard.live import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.02, "under 0.1 s"), (0.42, "0.4 s"), (48.2, "48 s"), (59.7, "1 min"), (185, "3 min 5 s"), (7_800, "2 h 10 min"), (7_200, "2 h"), (None, ""), (float("nan"), ""),
        (-1, ""),
    ],
)  # fmt: skip
def test_durations_are_read_at_a_glance(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


def test_sizes_use_the_largest_unit_that_fits() -> None:
    assert [words.size(n) for n in (812, 24_000, 3_100_000, 2_500_000_000)] == ["812 B", "24 kB", "3.1 MB", "2.50 GB"]


def test_plurals_follow_the_count() -> None:
    assert words.plural(1, "epoch") == "1 epoch"
    assert words.plural(3, "epoch") == "3 epochs"
    assert words.plural(2, "entry", "entries") == "2 entries"
