"""Layers on the Create page, in words."""

from __future__ import annotations

import pytest

from dashboard.families.recsys.layer_control import FORM, LISTS, control, words
from dashboard.forms import raw_of
from recsys.model.flat import FIELDS
from recsys.model.presets import PRESETS
from tests.support.trees import having, text_of


@pytest.mark.parametrize("key", PRESETS)
def test_the_layers_of_every_preset_are_said_in_order(key: str) -> None:
    layers = PRESETS[key].buyer_tower_layers
    said = words(raw_of(FIELDS.specs[LISTS[0]], tuple(layer.model_dump(mode="json") for layer in layers))).split(" → ")
    assert [line.split()[0].lower() for line in said] == [layer.type for layer in layers]


@pytest.mark.parametrize("raw", ["{", "[3]", '[{"type": "soup"}]', '"dense"'])
def test_text_that_is_no_layers_is_said_to_be_unreadable(raw: str) -> None:
    assert words(raw) == "These layers cannot be read."


@pytest.mark.parametrize("raw", [None, "", "[]"])
def test_no_layers_are_none(raw: str | None) -> None:
    assert words(raw) == "None"


def test_the_control_holds_the_text_out_of_sight_and_leads_to_the_wizard() -> None:
    raw = raw_of(FIELDS.specs[LISTS[0]], ({"type": "dense", "units": 16},))
    shown = control(FORM, FIELDS.specs[LISTS[0]], raw)
    assert [held.value for held in having(shown, type="hidden")] == [raw]
    assert "Dense 16" in text_of(shown)
    assert "{" not in text_of(shown)
    assert [link.href for link in having(shown, className="btn btn-sm btn-outline-secondary")] == [
        "/recommenders/models/new?for=create&step=2"
    ]
