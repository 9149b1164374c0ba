"""The laws of the merge."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.layered.merge import merge

leaves = st.none() | st.booleans() | st.integers() | st.text("abxy", max_size=3) | st.lists(st.integers(), max_size=3)
names = st.sampled_from("abcd")
trees = st.recursive(
    st.dictionaries(names, leaves, max_size=4), lambda inner: st.dictionaries(names, leaves | inner, max_size=4), max_leaves=12
)

SHAPE: Any = {"a": None, "b": {"c": None, "d": {"e": None, "f": None}}, "g": {"h": None}}


def of_shape(shape: Any) -> Any:
    """Trees whose kinds agree: what is a mapping in one is one in all."""
    if shape is None:
        return leaves
    return st.fixed_dictionaries({}, optional={name: of_shape(inner) for name, inner in shape.items()})


alike = of_shape(SHAPE)


@given(trees)
def test_nothing_is_neutral_on_both_sides(tree: dict[str, Any]) -> None:
    assert merge(tree, {}) == merge({}, tree) == tree


@given(trees)
def test_a_tree_over_itself_is_itself(tree: dict[str, Any]) -> None:
    assert merge(tree, tree) == tree


@given(alike, alike, alike)
def test_grouping_does_not_matter_where_kinds_agree(a: Any, b: Any, c: Any) -> None:
    assert merge(merge(a, b), c) == merge(a, merge(b, c))


@given(trees, trees)
def test_the_inputs_stay_as_they_are_and_share_nothing_with_the_result(a: Any, b: Any) -> None:
    before = copy.deepcopy((a, b))
    result = merge(a, b)
    assert (a, b) == before
    assert not objects(result) & (objects(a) | objects(b))


def objects(value: Any) -> set[int]:
    if isinstance(value, dict):
        return {id(value)}.union(*(objects(entry) for entry in value.values()))
    return {id(value)} if isinstance(value, list) else set()


def test_mappings_are_merged_and_everything_else_is_replaced() -> None:
    weaker = {"m": {"x": 1, "y": [1, 2]}, "list": [1], "kind": {"a": 1}, "null": 3}
    stronger = {"m": {"y": [3]}, "list": [], "kind": 5, "null": None, "new": {"z": 1}}
    assert merge(weaker, stronger) == {"m": {"x": 1, "y": [3]}, "list": [], "kind": 5, "null": None, "new": {"z": 1}}


def test_keys_stand_in_the_order_of_their_first_appearance() -> None:
    assert list(merge({"b": 1, "a": {"y": 1}}, {"c": 1, "a": {"x": 1}, "b": 2})) == ["b", "a", "c"]


def test_two_values_of_a_key_can_be_joined() -> None:
    assert merge({"a": {"b": (1,)}}, {"a": {"b": (2,)}}, lambda old, new: old + new) == {"a": {"b": (1, 2)}}
