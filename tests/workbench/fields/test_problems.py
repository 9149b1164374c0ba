"""What is wrong with a field, in words that name it once."""

from __future__ import annotations

import pytest

from workbench.fields import ConfigError, FieldProblem, with_name


@pytest.mark.parametrize(
    ("path", "message", "wanted"),
    [
        ("epochs", "must be at least 1", "epochs: must be at least 1"),
        ("epochs", "epochs must be at least 1", "epochs must be at least 1"),
        ("towers.0.units", "units must be at least 1", "towers.0.units must be at least 1"),
        ("towers.0.units", "towers.0.units must be at least 1", "towers.0.units must be at least 1"),
        ("towers", "towers.0 is no layer", "towers: towers.0 is no layer"),
        ("epoch", "epochs_done is larger", "epoch: epochs_done is larger"),
        ("name", "Name is required", "Name is required"),
        ("names", "Name is required", "names: Name is required"),
        ("max_epochs", "Epochs must be a whole number", "max_epochs: Epochs must be a whole number"),
        ("model", "run #3 of this model is running already.", "run #3 of this model is running already."),
        ("", "a config must be an object", "a config must be an object"),
    ],
)
def test_a_problem_names_its_field_once(path: str, message: str, wanted: str) -> None:
    assert with_name(path, message) == wanted
    assert str(ConfigError([FieldProblem(path, message)])) == wanted


def test_people_read_a_fields_title_where_programs_read_its_key() -> None:
    assert with_name("epochs", "epochs must be at least 1", "Epochs") == "Epochs must be at least 1"
    assert with_name("epochs", "must be at least 1", "Epochs") == "Epochs: must be at least 1"
    assert with_name("max_epochs", "Epochs must be at least 1", "Epochs") == "Epochs must be at least 1"
