from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_data import FACTS
from tests.support.fake_family import MODEL_TYPE
from workbench import values as c
from workbench.fields import ConfigError
from workbench.values import derive, edit, validate, validate_sample

ARCHITECTURE = {"input_shape": [2, 2, 1], "num_classes": 3, "shape": "mixed", "width": 8, "parts": "auto", "layers": [4, 2]}


def stored(architecture: dict[str, Any], training: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"architecture": architecture, "training": training or {}}


def paths(problems: Any) -> list[str]:
    return [problem.path for problem in problems]


def message(problems: Any, path: str) -> str:
    return next(p.message for p in problems if p.path == path)


def test_nothing_given_means_the_defaults_on_the_datas_shape() -> None:
    done = validate(MODEL_TYPE, {}, FACTS)
    architecture, training = done.configs()
    assert architecture.model_dump()["input_shape"] == (2, 2, 1)
    assert architecture.model_dump()["num_classes"] == 3
    assert training.model_dump()["learning_rate"] == 0.1
    assert done.resolved["parts"] == 3


FLAT = {"width": 16, "learning_rate": 0.5}


@pytest.mark.parametrize(
    "values",
    [
        FLAT,
        {"architecture": {"width": 16}, "training": {"learning_rate": 0.5}},
        {"width": "16", "learning_rate": " 5e-1 "},
        {"architecture": {"width": 16}, "learning_rate": 0.5},
        json.dumps(FLAT),
    ],
)
def test_flat_nested_text_and_json_mean_the_same(values: Any) -> None:
    assert validate(MODEL_TYPE, values, FACTS) == validate(MODEL_TYPE, FLAT, FACTS)
    assert validate(MODEL_TYPE, values, FACTS).configs()[0].model_dump()["width"] == 16


def test_all_problems_are_told_at_once() -> None:
    values = {"width": 0, "lerning_rate": 1, "clip": "much", "future": True, "layers": "4, 100", "monitor": "los", "use_noise": "perhaps"}
    done = validate(MODEL_TYPE, values, FACTS)
    assert done.built is None
    assert set(paths(done.problems)) == set(values)
    assert "1 to 512 (got 0)" in message(done.problems, "width")
    assert "did you mean learning_rate" in message(done.problems, "lerning_rate")
    assert "not yet available" in message(done.problems, "future")
    assert "1 to 64 (got 100)" in message(done.problems, "layers")
    assert "one of loss, accuracy" in message(done.problems, "monitor")
    assert next(p.hint for p in done.problems if p.path == "monitor") == "Did you mean loss?"
    assert "true or false" in message(done.problems, "use_noise")
    with pytest.raises(ConfigError) as caught:
        done.configs()
    assert caught.value.problems == done.problems


@pytest.mark.parametrize(("name", "value"), [("width", True), ("layers", [True, 2]), ("learning_rate", False), ("width", 2.5), ("width", [3]),
                                             ("learning_rate", float("nan")), ("learning_rate", "inf"), ("monitor", 3), ("layers", {}),
                                             ("width", None), ("use_noise", "banana"), ("width", {"x": object()})])  # fmt: skip
def test_values_of_the_wrong_type_are_refused(name: str, value: Any) -> None:
    problems = validate(MODEL_TYPE, {name: value}, FACTS).problems
    assert paths(problems) == [name]
    json.dumps([p.value for p in problems], allow_nan=True)


def test_rules_across_fields_name_both_values() -> None:
    done = validate(MODEL_TYPE, {"parts": 2}, FACTS)
    assert [(p.path, p.message) for p in done.problems] == [("parts", "needs at least one part per class: 3 classes, 2 parts")]


def test_a_field_that_does_not_apply_takes_only_its_default_auto_or_off_value() -> None:
    assert validate(MODEL_TYPE, {"shape": "plain", "parts": "auto", "mixing": 0}, FACTS).problems == ()
    done = validate(MODEL_TYPE, {"shape": "plain", "parts": 7}, FACTS)
    assert paths(done.problems) == ["parts"]
    assert "shape" in done.problems[0].message


def test_what_follows_from_a_bad_field_is_not_told_as_well() -> None:
    done = validate(MODEL_TYPE, {"shape": "plane", "parts": 7, "noise_scale": 2.0}, FACTS)
    assert paths(done.problems) == ["shape", "noise_scale"]


def test_warnings_refuse_nothing() -> None:
    done = validate(MODEL_TYPE, {"use_noise": True, "noise_scale": 0}, FACTS)
    assert done.problems == ()
    assert paths(done.warnings) == ["noise_scale"]


def test_older_names_are_accepted_and_their_errors_told_beside_the_others() -> None:
    assert validate(MODEL_TYPE, {"use_mixture": False}, FACTS).resolved["shape"] == "plain"
    assert paths(validate(MODEL_TYPE, {"use_mixture": "perhaps", "width": 0}, FACTS).problems) == ["use_mixture", "width"]


def test_a_name_in_the_wrong_section_or_given_twice_is_refused() -> None:
    done = validate(MODEL_TYPE, {"training": {"width": 3}}, FACTS)
    assert [(p.path, p.message) for p in done.problems] == [("training.width", "width belongs to architecture, not to training")]
    assert "twice" in validate(MODEL_TYPE, {"training": {"max_epochs": 3}, "max_epochs": 4}, FACTS).problems[0].message
    assert paths(validate(MODEL_TYPE, {"training": 3}, FACTS).problems) == ["training"]


@pytest.mark.parametrize("text", ["{", "[1]", "3", '"x"', ""])
def test_text_that_is_no_config_is_refused(text: str) -> None:
    assert paths(validate(MODEL_TYPE, text, FACTS).problems) == ["config"]


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
NAMES = st.one_of(st.sampled_from([*c.specs_of(MODEL_TYPE), "architecture", "training", "use_mixture"]), st.text(max_size=10))


@given(st.dictionaries(NAMES, JUNK, max_size=6))
def test_no_input_makes_it_raise(values: dict[str, Any]) -> None:
    done = validate(MODEL_TYPE, values, FACTS)
    assert bool(done.problems) == (done.built is None)
    edited = edit(MODEL_TYPE, stored(ARCHITECTURE, {}), values, FACTS)
    assert bool(edited.problems) == (edited.stored is None)
    derived = derive(MODEL_TYPE, stored(ARCHITECTURE, {}), values, FACTS)
    assert bool(derived.problems) == (derived.built is None)


def test_an_edit_of_the_architecture_is_refused_with_every_offending_name() -> None:
    done = edit(MODEL_TYPE, stored(ARCHITECTURE, {}), {"width": 16, "use_mixture": False, "learning_rate": 0.5, "parts": "many"}, FACTS)
    assert paths(done.problems) == ["width", "use_mixture", "parts"]
    assert {p.message for p in done.problems} == {
        "width, use_mixture and parts are part of this model's architecture and cannot change after creation. "
        "Clone the model with the new architecture instead."
    }


def test_one_structural_name_gets_the_sentence_in_the_singular() -> None:
    assert edit(MODEL_TYPE, stored(ARCHITECTURE, {}), {"width": 8}, FACTS).problems[0].message == (
        "width is part of this model's architecture and cannot change after creation. Clone the model with the new architecture instead."
    )


def test_an_edit_resets_what_no_longer_applies_and_names_it() -> None:
    training = {"use_noise": True, "noise_scale": 3.0, "noise_kind": "pink", "learning_rate": 0.2}
    done = edit(MODEL_TYPE, stored(ARCHITECTURE, training), {"use_noise": False, "learning_rate": 0.2}, FACTS)
    assert (done.changed, done.reset) == (("use_noise",), ("noise_scale", "noise_kind"))
    assert done.stored is not None
    assert done.stored["training"]["noise_scale"] == 1.0


def test_an_edit_that_sets_what_no_longer_applies_is_refused() -> None:
    training = {"use_noise": True, "noise_scale": 3.0}
    done = edit(MODEL_TYPE, stored(ARCHITECTURE, training), {"use_noise": False, "noise_scale": 2.0}, FACTS)
    assert paths(done.problems) == ["noise_scale"]


def test_a_clone_may_change_the_architecture_and_resets_what_no_longer_applies() -> None:
    done = derive(
        MODEL_TYPE, stored({**ARCHITECTURE, "parts": 9}, {"mixing": 0.9, "learning_rate": 0.3}), {"shape": "plain", "width": 4}, FACTS
    )
    architecture, training = done.configs()
    assert architecture.model_dump()["parts"] == "auto"
    assert (training.model_dump()["mixing"], training.model_dump()["learning_rate"]) == (0.5, 0.3)
    assert done.reset == ("parts", "mixing")


def test_sample_settings_are_checked_like_configs() -> None:
    sample, problems = validate_sample(MODEL_TYPE, {"num_samples": "30"}, FACTS)
    assert problems == []
    assert sample is not None
    assert sample.model_dump()["num_samples"] == 30
    assert paths(validate_sample(MODEL_TYPE, {"num_samples": 10, "num_labeled": 11}, FACTS)[1]) == ["num_labeled"]
    assert paths(validate_sample(MODEL_TYPE, {"num_sample": 10, "val_split": 0.9}, FACTS)[1]) == ["num_sample", "val_split"]


def test_stored_configs_of_before_a_field_was_added_are_valid() -> None:
    assert c.validate_stored(MODEL_TYPE, stored({"input_shape": [2, 2, 1], "num_classes": 3}), replace(FACTS, vocabulary=3)).problems == ()
