from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field, ValidationError

from tests.support.fake_family import Architecture, Training, resolve
from workbench.fields import (
    SET,
    ConfigModel,
    FieldKind,
    Modifiable,
    Structural,
    any_of,
    applicability_problems,
    applies,
    architecture_summary,
    changed_fields,
    closest,
    field,
    field_specs,
    fingerprint,
    modifiable_fields,
    part,
    spec_of,
    structural_fields,
    when,
)

DATA: dict[str, Any] = {"input_shape": (2, 2, 1), "num_classes": 3}


def test_an_unmarked_field_fails_when_its_type_is_defined() -> None:
    with pytest.raises(TypeError, match=r"Loose.size must be marked"):

        class Loose(ConfigModel):
            size: int = 3


def test_a_field_marked_twice_or_defined_without_words_fails_too() -> None:
    with pytest.raises(TypeError, match="must be marked"):

        class Both(ConfigModel):
            size: Modifiable[Structural[int]] = field(3, label="Size", section="A")

    with pytest.raises(TypeError, match="defined with field"):

        class Bare(ConfigModel):
            size: Structural[int] = Field(3)


def test_fields_come_in_the_order_of_their_definition_and_by_kind() -> None:
    structural = [s.name for s in structural_fields(Architecture, Training)]
    modifiable = [s.name for s in modifiable_fields(Architecture, Training)]
    assert structural == list(Architecture.model_fields)
    assert modifiable == list(Training.model_fields)
    assert all(s.kind is FieldKind.STRUCTURAL for s in field_specs(Architecture))


def test_configs_are_frozen_closed_and_in_range() -> None:
    config: Any = Architecture(**DATA)
    with pytest.raises(ValidationError):
        config.width = 3
    wrongs: list[dict[str, Any]] = [{"wdith": 3}, {"width": 0}, {"layers": ()}]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            Architecture(**DATA, **wrong)


def test_conditions_hold_and_say_what_fails() -> None:
    condition = when(prior=("mixture", "vamp"), clip=SET)
    assert condition.holds({"prior": "vamp", "clip": 1.0})
    assert not condition.holds({"prior": "vamp", "clip": None})
    assert not condition.holds({"clip": 1.0})
    assert condition.failing({"prior": "standard", "clip": 1.0}) == ("prior",)
    assert condition.describe() == "prior is mixture or vamp and clip is a value"
    assert condition.describe({"prior": "standard", "clip": 1.0}) == "prior is mixture or vamp"
    either = any_of(when(a=1), when(b=2))
    assert either.holds({"a": 0, "b": 2})
    assert either.failing({"a": 0, "b": 0}) == ("a", "b")


def test_a_field_applies_under_the_other_values() -> None:
    assert applies(spec_of(Architecture, "parts"), {"shape": "mixed"})
    assert not applies(spec_of(Architecture, "parts"), {"shape": "plain"})
    assert applies(spec_of(Architecture, "width"), {})


@pytest.mark.parametrize("off", ["auto", None, False, 0])
def test_a_field_that_does_not_apply_may_hold_its_off_values(off: Any) -> None:
    assert applicability_problems([spec_of(Architecture, "parts")], {"parts": off}, {"shape": "plain"}) == []


def test_a_field_that_is_not_available_yet_is_refused_not_ignored() -> None:
    (problem,) = applicability_problems([spec_of(Architecture, "future")], {"future": True}, {})
    assert problem.message == "is not yet available: it comes later"
    assert problem.hint == "Leave it at no."


def test_changed_fields_are_split_by_kind() -> None:
    old, new = Architecture(**DATA), Architecture(**DATA, width=16)
    assert changed_fields(old, new).structural == ("width",)
    assert changed_fields(old, old).structural == ()
    with pytest.raises(TypeError, match="cannot compare"):
        changed_fields(old, Training())


def print_of(**values: Any) -> str:
    architecture = Architecture(**DATA, **values)
    return fingerprint("toy", architecture, resolve(architecture.model_dump()))


def test_a_fingerprint_tells_architectures_apart_and_ignores_what_does_not_apply() -> None:
    assert print_of() == print_of(width=8)
    assert len({print_of(), print_of(width=16), print_of(parts=7), print_of(shape="plain"), print_of(layers=(3,))}) == 5
    assert print_of(shape="plain", parts="auto") == print_of(shape="plain")


def test_adding_a_field_changes_no_fingerprint() -> None:
    class Grown(Architecture):
        depth: Structural[int] = field(2, label="Depth", section="Model", ge=1)
        moved: Structural[int] = field(5, label="Moved", section="Model", introduced_default=4)

    old = Architecture(**DATA, width=16)
    grown = Grown(**DATA, width=16, moved=4)
    resolved = resolve(grown.model_dump())
    assert fingerprint("toy", grown, resolved) == fingerprint("toy", old, resolve(old.model_dump()))
    assert fingerprint("toy", Grown(**DATA, width=16), resolved | {"moved": 5}) != fingerprint("toy", old, resolved)


def test_the_summary_shows_what_applies_in_words() -> None:
    architecture = Architecture(**DATA, shape="plain")
    labels = [label for label, _ in architecture_summary([type(architecture)], resolve(architecture.model_dump()))]
    assert "Width" in labels
    assert "Parts" not in labels


def test_the_closest_name_is_found_or_none_is() -> None:
    assert closest("lerning_rate", Training.model_fields) == "learning_rate"
    assert closest("zzz", Training.model_fields) is None


def test_a_field_that_is_called_as_its_sub_config_says_that_once() -> None:
    class Rain(ConfigModel):
        enabled: Structural[bool] = field(True, label="Rain", section="Model")
        speed: Structural[float] = field(0.9, label="Speed", section="Model")

    class Weather(ConfigModel):
        rain: Rain = part(Rain(), label="Rain")

    class Model(ConfigModel):
        rain: Rain = part(Rain(), label="Rain")
        weather: Weather = part(Weather(), label="Weather")

    assert [spec.label for spec in field_specs(Model)] == ["Rain", "Rain: speed", "Weather: rain", "Weather, Rain: speed"]
