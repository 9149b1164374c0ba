"""JSON pointers of what differs: looked up again, they lead to the values that they tell of."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.differences import Difference, differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def look_up(document: Any, pointer: str) -> Any:
    """RFC 6901, section 4."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def same(a: Any, b: Any) -> bool:
    """Equal as JSON, where true is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@given(JSON, JSON)
@settings(max_examples=60, deadline=None)
def test_there_are_differences_just_where_documents_differ(before: Any, after: Any) -> None:
    found = differences(before, after)
    assert (not found) == same(before, after)
    for one in found:
        if one.kind != "added":
            assert look_up(before, one.pointer) == one.before
        if one.kind != "removed":
            assert look_up(after, one.pointer) == one.after


def test_names_with_slashes_and_tildes_are_escaped_and_places_that_came_and_went_are_told_apart() -> None:
    before = {"a/b": [1, 2], "~": None, "gone": 0}
    after = {"a/b": [1, 3, 4], "~": None, "new": None}
    assert differences(before, after) == (
        Difference("/a~1b/1", "changed", 2, 3),
        Difference("/a~1b/2", "added", after=4),
        Difference("/gone", "removed", before=0),
        Difference("/new", "added"),
    )
