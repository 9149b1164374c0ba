from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.frozen import FrozenDict, FrozenError, FrozenList, FrozenSet, frozen

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)

CHANGES: dict[type, list[Callable[[Any], Any]]] = {
    FrozenDict: [
        lambda d: d.__setitem__("a", 2), lambda d: d.__delitem__("a"), lambda d: d.__ior__({"b": 1}), lambda d: d.clear(), lambda d: d.pop("a"),
        lambda d: d.popitem(), lambda d: d.setdefault("b", 1), lambda d: d.update(b=1),
    ],
    FrozenList: [
        lambda x: x.__setitem__(0, 2), lambda x: x.__delitem__(0), lambda x: x.__iadd__([1]), lambda x: x.__imul__(2), lambda x: x.append(1),
        lambda x: x.clear(), lambda x: x.extend([1]), lambda x: x.insert(0, 1), lambda x: x.pop(), lambda x: x.remove("a"), lambda x: x.reverse(),
        lambda x: x.sort(),
    ],
    FrozenSet: [
        lambda s: s.add("b"), lambda s: s.discard("a"), lambda s: s.remove("a"), lambda s: s.pop(), lambda s: s.clear(), lambda s: s.update({"b"}),
        lambda s: s.__ior__({"b"}), lambda s: s.__iand__({"b"}), lambda s: s.__isub__({"a"}), lambda s: s.__ixor__({"b"}),
        lambda s: s.difference_update({"a"}), lambda s: s.intersection_update({"b"}), lambda s: s.symmetric_difference_update({"b"}),
    ],
}  # fmt: skip
MADE: dict[type, Any] = {FrozenDict: FrozenDict({"a": 1}), FrozenList: FrozenList(["a"]), FrozenSet: FrozenSet({"a"})}


@pytest.mark.parametrize(("kind", "change"), [(kind, change) for kind, changes in CHANGES.items() for change in changes])
def test_nothing_changes_what_is_frozen(kind: type, change: Callable[[Any], Any]) -> None:
    with pytest.raises(FrozenError, match="change a copy"):
        change(MADE[kind])
    assert MADE[kind] == {FrozenDict: {"a": 1}, FrozenList: ["a"], FrozenSet: {"a"}}[kind]


@pytest.mark.parametrize("kind", list(CHANGES))
def test_every_method_by_which_the_ordinary_type_changes_is_refused(kind: Any) -> None:
    """Those of its base that the type leaves as they are change nothing."""
    ordinary = kind.__base__
    unchanging = {
        "__class__", "__class_getitem__", "__contains__", "__delattr__", "__dir__", "__doc__", "__eq__", "__format__", "__ge__", "__getattribute__",
        "__getitem__", "__getstate__", "__gt__", "__hash__", "__init__", "__init_subclass__", "__iter__", "__le__", "__len__", "__lt__", "__ne__",
        "__new__", "__or__", "__ror__", "__reduce_ex__", "__repr__", "__reversed__", "__setattr__", "__sizeof__", "__str__", "__subclasshook__",
        "__add__", "__mul__", "__rmul__", "__and__", "__rand__", "__sub__", "__rsub__", "__xor__", "__rxor__",
        "copy", "fromkeys", "get", "items", "keys", "values", "count", "index", "difference", "intersection", "isdisjoint", "issubset", "issuperset",
        "symmetric_difference", "union",
    }  # fmt: skip
    assert {name for name in dir(ordinary) if getattr(kind, name) is getattr(ordinary, name, None)} - unchanging == set()


@given(JSON)
def test_what_is_frozen_is_the_same_value_everywhere_and_its_copies_can_be_changed(value: Any) -> None:
    made = frozen(value)
    assert made == value
    assert json.dumps(made) == json.dumps(value)
    assert pickle.loads(pickle.dumps(made)) == value
    for copied in (copy.deepcopy(made), copy.copy(made)):
        assert copied == value
        assert type(copied) is type(value)
    _all_ordinary(copy.deepcopy(made))


def _all_ordinary(value: Any) -> None:
    assert not isinstance(value, FrozenDict | FrozenList)
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            _all_ordinary(one)


def test_a_frozen_value_is_frozen_at_every_depth() -> None:
    made = frozen({"a": [{"b": [1]}]})
    for inner in (made, made["a"], made["a"][0], made["a"][0]["b"]):
        assert isinstance(inner, FrozenDict | FrozenList)


def test_sections_of_a_frozen_value_can_be_joined_into_an_ordinary_one() -> None:
    made = frozen({"a": {"b": 1}})
    joined = {**made, "c": 2}
    joined["a"] = {**made["a"], "b": 2}
    assert (joined, made, type(made | {"c": 1}), type(made.copy())) == ({"a": {"b": 2}, "c": 2}, {"a": {"b": 1}}, dict, dict)


def test_checkpoints_keep_frozen_values_as_ordinary_ones() -> None:
    from workbench.checkpoint_file import CheckpointFormat

    made = CheckpointFormat(b"TEST", "test", ValueError)
    header = made.decode(made.encode({"config": frozen({"a": [1, {"b": None}]})}, {}), "x").header
    assert header["config"] == {"a": [1, {"b": None}]}
    assert msgpack.packb(header["config"])
