"""Forms over nested configs: fields by path, values with entries, groups, and where derived values come from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from dash import html

from dashboard.forms import field_row, judge_config, looks_of, raw_of, read, section_groups
from tests.support.nested_config import FACTS, FIELDS
from tests.support.nested_family import NESTED
from tests.support.trees import having, text_of, walk
from workbench.fields import FieldSpec

SPECS = FIELDS.specs
DEFAULTS = {**FIELDS.defaults, "inputs": 7}
LAYERS = [{"type": "dense", "units": 8}, {"type": "embedding", "column": "city"}]


def judged(**changes: Any) -> Any:
    raw = {name: raw_of(spec, DEFAULTS[name]) for name, spec in SPECS.items()}
    return judge_config(NESTED, {}, raw | {name.replace("__", "."): value for name, value in changes.items()}, FACTS)


def looks(**changes: Any) -> Any:
    return looks_of(SPECS.values(), judged(**changes), DEFAULTS)


def own_control(form: str, spec: FieldSpec, raw: Any) -> html.Div:
    return html.Div(f"{form} builds {spec.name}", id="own")


@pytest.mark.parametrize("name", list(SPECS))
def test_every_default_survives_its_control(name: str) -> None:
    assert read([SPECS[name]], {name: raw_of(SPECS[name], DEFAULTS[name])}).values[name] == DEFAULTS[name]


def test_a_value_with_entries_is_held_as_text_with_an_entry_a_line() -> None:
    text = raw_of(SPECS["layers"], read([SPECS["layers"]], {"layers": json.dumps(LAYERS)}).values["layers"])
    assert text.splitlines()[1:3] == [
        '  {"type": "dense", "units": 8, "dropout": 0.0},',
        '  {"type": "embedding", "column": "city", "size": "auto", "hashed": false, "buckets": 0}',
    ]
    row = field_row("f", SPECS["layers"], text)
    (held,) = [part for part in walk(row) if getattr(part, "id", None) == {"form": "f", "field": "layers"}]
    assert (held.type, held.value) == ("hidden", text)


@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if spec.composite is not None])
def test_every_value_with_plain_entries_has_fields_and_no_text_box(name: str) -> None:
    row = field_row("f", SPECS[name], raw_of(SPECS[name], DEFAULTS[name]))
    assert not [part for part in walk(row) if type(part).__name__ == "Textarea"]
    (place,) = having(row, className="entries")
    said = json.loads(place.to_plotly_json()["props"]["data-entries"])
    assert (said["id"], said["many"], said["optional"]) == ({"form": "f", "field": name}, name != "decay", name == "decay")
    assert all(field["label"] for kind in said["kinds"] for field in kind["fields"])


def test_fields_of_entries_say_their_kind_their_default_and_when_they_apply() -> None:
    (place,) = having(field_row("f", SPECS["layers"], "[]"), className="entries")
    dense, embedding = json.loads(place.to_plotly_json()["props"]["data-entries"])["kinds"]
    assert [(f["name"], f["kind"], f["value"], f["when"]) for f in embedding["fields"]] == [
        ("column", "text", "", []), ("size", "text", "auto", []), ("hashed", "switch", False, []), ("buckets", "number", 0, [["hashed", [True]]]),
    ]  # fmt: skip
    assert (dense["tag"], [f["name"] for f in dense["fields"]]) == ("dense", ["units", "dropout"])


def test_a_form_says_for_each_entry_what_is_wrong_with_it() -> None:
    found = looks(layers=json.dumps([{"type": "dense", "units": 0}, {"type": "embedding"}]), encoder__width="many")
    assert found["layers"].error == "Entry 1, units: Units must be 1 to 4096 (got 0)\nEntry 2, column: Column needs a value. Give column."
    assert found["encoder.width"].error == "Encoder: width must be a whole number (got many)"
    assert looks(layers="[{")["layers"].error.startswith("Layers is not valid JSON in line 1")
    assert found["decoder.width"].error is None


def test_a_form_over_a_model_that_exists_refuses_what_is_locked_of_an_entry() -> None:
    saved = {**DEFAULTS, "layers": read([SPECS["layers"]], {"layers": json.dumps(LAYERS)}).values["layers"]}

    def problems(first: dict[str, Any]) -> list[str]:
        held = {"layers": json.dumps([first, LAYERS[1]]), "epochs": "4"}
        return [p.path for p in judge_config(NESTED, saved, held, FACTS).errors]

    assert problems({**LAYERS[0], "dropout": 0.5}) == []
    assert problems({**LAYERS[0], "units": 9}) == ["layers.0.units"]


def test_what_cannot_be_read_says_what_it_was() -> None:
    found = looks(layers="[]", decay='{"rate": 0.5}')
    assert found["layers"].was == "dense, units 8"
    assert (found["decay"].was, found["decay"].base) == ("none", "")


def test_fields_of_a_sub_config_stand_in_its_group_under_their_short_names() -> None:
    groups = dict(section_groups(SPECS.values()))
    assert list(groups) == ["Data", "Encoder", "Decoder", "Layers", "Fit"]
    row = field_row("f", groups["Encoder"][1], "32")
    assert text_of(row).startswith("Width")


def test_a_condition_on_a_path_shows_and_hides() -> None:
    assert not looks()["encoder.gate"].shown
    assert not looks()["focus"].shown
    gated = looks(encoder__kind="gated")
    assert (gated["encoder.gate"].shown, gated["decoder.gate"].shown, gated["focus"].shown) == (True, False, True)


def test_a_derived_value_says_where_it_comes_from_and_one_that_the_data_fixes_cannot_be_changed() -> None:
    found = looks()
    assert found["inputs"].idle == found["inputs"].source == "From the data: columns of the table."
    assert (found["decoder.kind"].source, found["decoder.kind"].idle) == ("From the data: that of the encoder.", None)
    assert looks(encoder__kind="gated")["decoder.kind"].source is None


def test_a_family_may_bring_the_control_of_a_field() -> None:
    spec = replace(SPECS["layers"], meta=replace(SPECS["layers"].meta, control=f"{__name__}:own_control"))
    assert "f builds layers" in text_of(field_row("f", spec, "[]"))
