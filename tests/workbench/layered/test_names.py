"""Close names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.layered.names import close_names, did_you_mean, distance, nearest_keys

words = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("a", "b", "far"), [("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abcd", "bacd", 1), ("kitten", "sitting", 3)]
)
def test_the_distance_counts_letters_changed_added_dropped_or_swapped(a: str, b: str, far: int) -> None:
    assert distance(a, b) == far


@given(words, words)
def test_the_distance_is_symmetric_and_zero_for_equal_words_only(a: str, b: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)


def test_at_most_three_names_within_two_edits_are_close() -> None:
    assert close_names("epoch", ["epochs", "epoch_s", "pooch", "epic", "patience"]) == ("epochs", "epic", "epoch_s")
    assert close_names("xyz", ["epochs"]) == ()
    assert did_you_mean(()) is None


def test_the_nearest_keys_are_those_with_the_nearest_last_part() -> None:
    keys = ["training.max_epochs", "training.clip", "model.a.max_parts", "data.dataset"]
    assert nearest_keys("max_epochs", keys, 1) == ("training.max_epochs",)
