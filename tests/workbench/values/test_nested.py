"""Nested configs: validated, edited and cloned by path, at every depth."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.nested_config import FACTS, FIELDS, KIND
from workbench.values import derive, edit, sources, validate

TWO = [{"type": "dense", "units": 8, "dropout": 0.1}, {"type": "embedding", "column": "city"}]


STORED = {"network": {"inputs": 7, "layers": TWO}, "fit": {"epochs": 2}}


def good(values: dict[str, Any]) -> dict[str, Any]:
    done = validate(KIND, values, FACTS)
    assert done.problems == ()
    return done.stored()


def told(values: Any) -> dict[str, str]:
    return {p.path: p.message for p in validate(KIND, values, FACTS).problems}


def test_defaults_and_derived_values_make_a_whole_config() -> None:
    stored = good({})
    assert stored["network"]["inputs"] == 7
    assert (stored["network"]["encoder"]["width"], stored["network"]["decoder"]["width"]) == (32, 16)
    assert stored["network"]["layers"] == [{"type": "dense", "units": 8, "dropout": 0.0}]


@pytest.mark.parametrize(
    "values",
    [
        {"encoder.width": "64", "layers": json.dumps(TWO), "decay": '{"rate": 0.5}'},
        {"encoder": {"width": 64}, "layers": TWO, "decay": {"rate": 0.5}},
        {"network": {"encoder": {"width": 64}, "layers": TWO}, "fit": {"decay": {"rate": 0.5}}},
        {"network": {"encoder.width": 64, "layers": tuple(TWO)}, "decay": {"rate": "0.5"}},
    ],
)
def test_dotted_nested_and_text_values_mean_the_same(values: dict[str, Any]) -> None:
    stored = good(values)
    assert stored["network"]["encoder"]["width"] == 64
    assert stored["network"]["layers"][1] == {"type": "embedding", "column": "city", "size": "auto", "hashed": False, "buckets": 0}
    assert stored["fit"]["decay"] == {"rate": 0.5, "every": 10}
    assert good(stored) == stored


def test_every_problem_has_its_full_path() -> None:
    layers = [{"type": "dense", "units": 0}, {"type": "conv"}, {"units": 3}, {"type": "embedding", "colunm": "x"}, 5]
    assert told({"encoder": {"width": 0, "with": 3}, "layers": layers, "decay": {"rate": 2, "every": "x"}}) == {
        "encoder.width": "Encoder: width must be 1 to 512 (got 0)",
        "encoder.with": "unknown field; did you mean encoder.width?",
        "layers.0.units": "Units must be 1 to 4096 (got 0)",
        "layers.1.type": "must be one of dense, embedding (got conv)",
        "layers.2.type": "needs a value: one of dense, embedding",
        "layers.3.colunm": "unknown field; did you mean column?",
        "layers.3.column": "Column needs a value",
        "layers.4": "must be an object of fields and values (got 5)",
        "decay.rate": "Rate must be greater than 0, at most 1 (got 2)",
        "decay.every": "Every must be a whole number (got x)",
    }


@pytest.mark.parametrize(
    ("values", "path", "words"),
    [
        ({"layers": []}, "layers", "at least 1"),
        ({"layers": "[1, "}, "layers", "not valid JSON in line 1"),
        ({"layers": {"type": "dense"}}, "layers", "must be a list"),
        ({"layers": "[" * 5000}, "layers", "not valid JSON"),
        ({"encoder": 5}, "encoder", "must be an object"),
        ({"encoder.gate": 0.3}, "encoder.gate", "applies only when encoder.kind is gated"),
        ({"focus": "peak"}, "focus", "applies only when encoder.kind is gated"),
        ({"layers": [{"type": "embedding", "column": "a", "buckets": 3}]}, "layers.0.buckets", "applies only when hashed is yes"),
        ({"layers": [{"type": "dense", "units": 100}]}, "layers.0.units", "more than four times decoder.width"),
        ({"fit": {"encoder": {"width": 3}}}, "fit.encoder.width", "belongs to network"),
        ({"encoder": {"width": 3}, "encoder.width": 4}, "encoder.width", "given twice"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(values: dict[str, Any], path: str, words: str) -> None:
    found = told(values)
    assert list(found) == [path]
    assert words in found[path]


def test_a_condition_within_a_sub_config_speaks_of_its_own_fields() -> None:
    assert good({"encoder.kind": "gated", "encoder.gate": 0.3})["network"]["encoder"]["gate"] == 0.3
    assert list(told({"encoder.kind": "gated", "decoder.gate": 0.3})) == ["decoder.gate"]


def test_a_rule_answers_auto_and_says_where_the_value_comes_from() -> None:
    values = {"encoder.kind": "gated", "decoder.kind": "auto"}
    done = validate(KIND, values, FACTS)
    assert done.resolved["decoder.kind"] == "gated"
    assert sources(KIND, done.resolved, FACTS) == {"inputs": "columns of the table", "decoder.kind": "that of the encoder"}


def test_tunable_fields_of_locked_lists_and_sub_configs_are_edited() -> None:
    stored = good({"layers": TWO})
    changed = [{**TWO[0], "dropout": 0.4}, TWO[1]]
    done = edit(KIND, stored, {"layers": changed, "encoder": {"dropout": 0.2}, "decay": {"every": 5}}, FACTS)
    assert (done.problems, done.changed) == ((), ("layers", "encoder.dropout", "decay"))
    assert done.stored is not None
    assert done.stored["network"]["layers"][0]["dropout"] == 0.4
    assert done.stored["network"]["encoder"] == {**stored["network"]["encoder"], "dropout": 0.2}
    assert done.stored["fit"]["decay"] == {"rate": 0.9, "every": 5}
    assert stored["network"]["encoder"]["dropout"] == 0.0


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({"layers": [{**TWO[0], "units": 9}, TWO[1]]}, ["layers.0.units"]),
        ({"layers": [TWO[0]]}, ["layers"]),
        ({"layers": [TWO[1], TWO[0]]}, ["layers"]),
        ({"encoder": {"width": 3, "dropout": 0.2}}, ["encoder.width"]),
        ({"encoder.width": "many"}, ["encoder.width"]),
        ({"towers": []}, []),
    ],
)
def test_locked_fields_are_refused_at_every_depth(values: dict[str, Any], paths: list[str]) -> None:
    done = edit(KIND, good({"layers": TWO}), values, FACTS)
    assert [p.path for p in done.problems] == paths
    assert all("cannot change after creation" in p.message for p in done.problems)


def test_a_field_of_an_entry_that_cannot_be_read_is_told_as_such_and_not_as_locked() -> None:
    done = edit(KIND, good({"layers": TWO}), {"layers": [{**TWO[0], "dropout": 2}, TWO[1]]}, FACTS)
    assert [(p.path, "less than 1" in p.message) for p in done.problems] == [("layers.0.dropout", True)]


def test_a_path_into_a_list_changes_that_one_value() -> None:
    stored = good({"layers": TWO})
    done = edit(KIND, stored, {"layers.0.dropout": "0.25"}, FACTS)
    assert done.changed == ("layers",)
    assert done.stored is not None
    assert done.stored["network"]["layers"] == [{**stored["network"]["layers"][0], "dropout": 0.25}, stored["network"]["layers"][1]]
    assert [p.path for p in edit(KIND, stored, {"layers.0.units": 9}, FACTS).problems] == ["layers.0.units"]
    assert good({"layers": TWO, "layers.1.size": 3, "layers.1.column": "town"})["network"]["layers"][1]["column"] == "town"
    assert good({"layers.0.units": 5})["network"]["layers"][0]["units"] == 5
    assert derive(KIND, stored, {"layers.1.size": 9}, FACTS).stored()["network"]["layers"][1]["size"] == 9


@pytest.mark.parametrize(
    "path", ["layers.7.units", "layers.-1.units", "layers.0.units.more", "layers.zero", "layers.99999999999", "epochs.more", "decay.rate.x"]
)
def test_a_path_that_leads_nowhere_is_refused_by_its_name(path: str) -> None:
    assert list(told({path: 3})) == [path]


NAMES = st.one_of(
    st.sampled_from([*FIELDS.specs, "network", "fit", "encoder", "layers.0.units", "layers.0", "decay.rate", "layers.9.x"]),
    st.text(max_size=8),
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["auto", "none", "dense", "[]"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "units", "rate", "width", "x", "encoder"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, JUNK, max_size=5))
def test_whatever_is_given_is_either_a_config_or_told_in_problems(values: dict[str, Any]) -> None:
    done = validate(KIND, values, FACTS)
    assert bool(done.problems) == (done.built is None)
    edited = edit(KIND, STORED, values, FACTS)
    assert bool(edited.problems) == (edited.stored is None)
    json.dumps([p.value for p in (*done.problems, *edited.problems)], allow_nan=False)
    if done.built is not None:
        assert validate(KIND, json.loads(json.dumps(done.stored())), FACTS).stored() == done.stored()


def test_an_edit_writes_only_what_it_changed() -> None:
    old = {"network": {"inputs": 7, "encoder": {"width": 8}}, "fit": {"epochs": 2}}
    done = edit(KIND, old, {"encoder.dropout": 0.3}, FACTS)
    assert done.stored == {"network": {"inputs": 7, "encoder": {"width": 8, "dropout": 0.3}}, "fit": {"epochs": 2}}


def test_a_clone_changes_structure_and_resets_what_no_longer_applies() -> None:
    stored = good({"encoder": {"kind": "gated", "gate": 0.2}, "focus": "peak"})
    done = derive(KIND, stored, {"encoder.kind": "plain", "layers": [{"type": "dense", "units": 3}]}, FACTS)
    assert (done.problems, done.reset) == ((), ("encoder.gate", "focus"))
    assert done.stored()["network"]["layers"] == [{"type": "dense", "units": 3, "dropout": 0.0}]
