"""What is wrong with a field, in words that name it once."""

from __future__ import annotations

import pytest

from workbench.fields import ConfigError, FieldProblem, unknown_field_problem, with_name


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


def test_a_name_with_the_section_of_a_file_before_it_is_told_the_field_that_it_ends_in() -> None:
    assert unknown_field_problem("training.epochs", 2, ["epochs", "lookback"]).hint == "Did you mean epochs?"
    assert unknown_field_problem("training.schedule.name", "x", ["name", "schedule.name"]).hint == "Did you mean schedule.name?"
    assert unknown_field_problem("epoch", 2, ["epochs"]).hint == "Did you mean epochs?"
    assert unknown_field_problem("weather", 2, ["epochs"]).hint is None
