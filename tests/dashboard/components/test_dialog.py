"""Settings dialogs: what is written on the button, by the fields' own definitions, and what comes back."""

from __future__ import annotations

import json

import pytest

from dashboard.components import Action
from dashboard.components.dialog import DialogField, applied, dialog, field_of
from recsys.model.layers import Dense, Dropout
from recsys.model.training import Training
from workbench.fields import spec_of


def test_a_number_has_its_range_in_words_and_as_bounds() -> None:
    line = field_of(spec_of(Dense, "units"), 64, chips=(32, 64))
    assert (line.kind, line.least, line.most, line.open, line.whole) == ("number", 1, 2048, False, True)
    assert (line.range, line.chips) == ("between 1 and 2,048", (32, 64))


def test_an_open_bound_is_told_apart() -> None:
    line = field_of(spec_of(Training, "learning_rate"), 0.1)
    assert (line.least, line.open, line.whole) == (0, True, False)


def test_a_choice_that_may_be_none_offers_it() -> None:
    line = field_of(spec_of(Dense, "activation"), None)
    assert line.kind == "choice"
    assert [value for value, _, _ in line.options][-1] is None
    assert "relu" in [value for value, _, _ in line.options]


def test_the_button_carries_the_form_and_the_action() -> None:
    line = field_of(spec_of(Dropout, "rate"), 0.2, name="layer.rate", under="layer")
    made = dialog("store", "set", "a:1", title="Dropout", fields=(DialogField("layer", "Layer", "switch", True), line), note="Words")
    said = json.loads(made["data-dialog"])
    assert (made["data-to"], made["data-act"], made["data-id"]) == ("store", "set", "a:1")
    assert (said["title"], said["note"], said["submit"]) == ("Dropout", "Words", "Apply")
    assert [(field["name"], field["under"]) for field in said["fields"]] == [("layer", ""), ("layer.rate", "layer")]


@pytest.mark.parametrize("value", [None, "", "{", "[1]", 3])
def test_a_malformed_answer_has_no_values(value: object) -> None:
    assert applied(Action("set", "a", value)) == {}


def test_an_answer_has_its_values() -> None:
    assert applied(Action("set", "a", '{"units": 8, "activation": null}')) == {"units": 8, "activation": None}
