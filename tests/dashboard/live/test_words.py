"""Numbers as people read them."""

from __future__ import annotations

import pytest

from dashboard.live import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4 s"), (48.2, "48 s"), (59.7, "1 min"), (185, "3 min 5 s"), (7_800, "2 h 10 min"), (7_200, "2 h"), (None, ""), (float("nan"), ""),
        (-1, ""),
    ],
)  # fmt: skip
def test_durations_are_read_at_a_glance(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "key", "text"),
    [
        (0.9567, "validation/accuracy", "95.7 %"), (12.34567, "train/loss", "12.35"), (None, "x", "–"), (1e-5, "x", "1.00e-05"),
        (12_000, "n", "12,000"), (float("inf"), "x", "not finite"), (0.0, "x", "0"),
    ],
)  # fmt: skip
def test_numbers_have_the_digits_that_help(value: float | None, key: str, text: str) -> None:
    assert words.number(value, key) == text


def test_metric_names_say_term_and_split() -> None:
    assert words.metric_title("validation/reconstruction_loss") == "Reconstruction loss, validation"
    assert words.metric_title("train/kl_z") == "KL z, training"
    assert words.metric_title("accuracy") == "Accuracy"


def test_sizes_use_the_largest_unit_that_fits() -> None:
    assert [words.size(n) for n in (812, 24_000, 3_100_000, 2_500_000_000)] == ["812 B", "24 kB", "3.1 MB", "2.50 GB"]


def test_plurals_follow_the_count() -> None:
    assert words.plural(1, "epoch") == "1 epoch"
    assert words.plural(3, "epoch") == "3 epochs"
    assert words.plural(2, "entry", "entries") == "2 entries"
