from __future__ import annotations

import keyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.codegen.identifiers import identifier, identifiers


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("customer_id", "customer_id"),
        ("Größe €", "Gro_e__"),
        ("ﬁeld ①", "field_1"),
        ("2nd", "column_2nd"),
        ("class", "column_class"),
        ("match", "column_match"),
        ("_private", "column__private"),
        ("名前", "column"),
        ("", "column"),
        ("a\n'); import os #", "a_____import_os__"),
    ],
)
def test_names_become_identifiers(name: str, expected: str) -> None:
    assert identifier(name) == expected


def test_collisions_are_numbered_in_order_and_without_regard_to_case() -> None:
    assert identifiers(["a b", "a-b", "A_B", "a_b_2", "a.b"]) == ("a_b", "a_b_2", "A_B_3", "a_b_2_2", "a_b_4")


def test_what_is_named_with_tails_is_different_too() -> None:
    found = identifiers(["x", "x_freq", "x_freq_freq", "y_freq", "y"], tails=("", "_freq"))
    assert found == ("x", "x_freq_2", "x_freq_freq", "y_freq", "y_2")


@given(
    st.lists(st.text(max_size=6) | st.sampled_from(["a", "A", "a_2", "a_freq", "if", "İ", "ß"]), max_size=9)
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_names_give_different_identifiers(names: list[str]) -> None:
    found = identifiers(names, tails=("", "_freq"))
    assert len(found) == len(names)
    assert all(name.isidentifier() and name.isascii() and not keyword.iskeyword(name) for name in found)
    assert len({(name + tail).lower() for name in found for tail in ("", "_freq")}) == 2 * len(names)
