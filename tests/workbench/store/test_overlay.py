from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.commands.base import Put, Remove
from workbench.state import AppState, CounterRecord, Kind
from workbench.store import overlay
from workbench.store.apply import apply
from workbench.store.overlay import REMOVED, Overlay, changed

KEYS = st.sampled_from("abcdefghij")
CHANGES = st.dictionaries(KEYS, st.integers(0, 5) | st.just(REMOVED), max_size=4)


@settings(deadline=None)
@given(st.dictionaries(KEYS, st.integers(0, 5)), st.lists(CHANGES, max_size=12), st.integers(0, 6))
def test_an_overlay_says_what_a_changed_copy_says_and_earlier_ones_stay(
    start: dict[str, int], steps: list[dict[str, Any]], few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlay, "FEW", few)
        found: Mapping[str, Any] = MappingProxyType(start)
        expected: dict[str, Any] = dict(start)
        passed: list[tuple[Mapping[str, Any], dict[str, Any]]] = [(found, dict(start))]
        for step in steps:
            found = changed(found, step)
            for key, value in step.items():
                if value is REMOVED:
                    expected.pop(key, None)
                else:
                    expected[key] = value
            passed.append((found, dict(expected)))
    for mapping, says in passed:
        assert mapping == says
        assert says == mapping
        assert (len(mapping), bool(mapping)) == (len(says), bool(says))
        assert sorted(mapping) == sorted(mapping.keys()) == sorted(says)
        assert sorted(mapping.items()) == sorted(says.items())
        assert sorted(mapping.values()) == sorted(says.values())
        for key in "abcdefghij":
            assert mapping.get(key, -1) == says.get(key, -1)
            assert (key in mapping) == (key in says)
            if key not in says:
                with pytest.raises(KeyError):
                    mapping[key]


def test_entries_keep_their_place_and_new_ones_stand_at_the_end() -> None:
    base = {f"k{n}": n for n in range(overlay.FEW + 1)}
    found = changed(changed(MappingProxyType(base), {"k5": -5, "new": 1}), {"k7": REMOVED, "newer": 2})
    expected = {**base, "k5": -5, "new": 1, "newer": 2}
    del expected["k7"]
    assert isinstance(found, Overlay)
    assert list(found) == list(expected)
    assert list(found.values()) == list(expected.values())
    assert list(found.items()) == list(expected.items())


def test_an_overlay_cannot_be_changed() -> None:
    found: Any = changed(MappingProxyType({f"k{n}": n for n in range(overlay.FEW + 1)}), {"k1": 0})
    with pytest.raises(TypeError):
        found["k1"] = 1
    with pytest.raises(TypeError):
        del found["k1"]
    assert copy.copy(found) == found


def test_a_change_of_one_of_very_many_records_copies_none_and_many_changes_end_in_a_mapping_of_their_own() -> None:
    many = [CounterRecord(id=f"c{n}", value=n) for n in range(overlay.FEW + 1)]
    state = apply(AppState(), tuple(Put(Kind.COUNTER, one.id, one) for one in many), 1)
    assert isinstance(state.counters, MappingProxyType)
    after = apply(state, (Put(Kind.COUNTER, "c3", CounterRecord(id="c3", value=-1)), Remove(Kind.COUNTER, "c4")), 2)
    assert isinstance(after.counters, Overlay)
    assert after.counters._base is state.counters
    assert isinstance(after.versions, Overlay)
    assert (after.counters["c3"].value, state.counters["c3"].value, "c4" in after.counters, after.versions["c3"]) == (-1, 3, False, 2)
    for turn in range(overlay.FEW - 1):
        after = apply(after, (Put(Kind.COUNTER, f"n{turn}", CounterRecord(id=f"n{turn}", value=0)),), turn + 3)
    assert isinstance(after.counters, MappingProxyType)
    assert len(after.counters) == 2 * overlay.FEW - 1
