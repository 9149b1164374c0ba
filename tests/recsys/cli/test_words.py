"""What the command line says: choices in help, what a change came to, and what to do about what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from recsys.data.options import TableOptions
from recsys.trial import TrialSettings
from tests.recsys.data.odd_tables import table
from tests.support.recommender_family import features
from workbench import families
from workbench.fields import ConfigModel, field_specs


@pytest.fixture
def shipped(trellis: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The recommenders as they are shipped, which can import data."""
    monkeypatch.setattr(families, "FAMILIES", {"recsys": "recsys.family:FAMILY"})
    families.family.cache_clear()
    yield
    families.family.cache_clear()


@pytest.mark.parametrize(
    ("command", "settings"),
    [
        (("quick-tests", "start"), TrialSettings),
        (("quick-tests", "estimate"), TrialSettings),
        (("data", "import"), TableOptions),
    ],
)
def test_help_lists_the_choices_of_every_option_that_has_some(
    trellis: Any, shipped: None, command: tuple[str, str], settings: type[ConfigModel]
) -> None:
    words = re.sub(r"[\s│]+", "", trellis(*command, "--help").out)
    chosen = [spec for spec in field_specs(settings) if spec.choices]
    assert len(chosen) >= 2
    for spec in chosen:
        assert ",".join(str(value) for value, _, _ in spec.choices) in words, spec.name


def test_a_delimiter_that_is_none_is_told_the_choices(trellis: Any, shipped: None, tmp_path: Any) -> None:
    (tmp_path / "mine.csv").write_text(table())
    said = trellis("data", "import", tmp_path / "mine.csv", "--name", "Mine", "--delimiter", ",")
    assert said.code == 1
    assert "Delimiter must be one of auto, comma, semicolon, tab, pipe (got ,)" in said.err


def test_show_of_data_lists_its_columns_with_types_and_roles(
    trellis: Any, told: Any, shipped: None, tmp_path: Any
) -> None:
    (tmp_path / "mine.csv").write_text(table())
    made = told("data", "import", tmp_path / "mine.csv", "--name", "Mine")
    lines = [line.split() for line in trellis("data", "show", "Mine").out.splitlines()]
    assert ["Column", "Type", "Role"] in lines
    for column in made["schema"]:
        assert [column["column"], column["data_type"], column["role"]] in lines


def test_a_change_that_changes_nothing_is_said_to_be_none(trellis: Any, told: Any, document: Any) -> None:
    same = document(features())
    told("features", "create", "--data", "sales", "--file", same, "--name", "F")
    assert (
        trellis("features", "edit", "F", "--file", same).err.strip() == "Nothing changed. F is at version 1."
    )
    assert "Nothing changed." in trellis("features", "restore", "F", "--version", 1).err
    assert "F is at version 2." in trellis("features", "edit", "F", "--target", "none").err
    assert "Nothing changed." not in trellis("features", "edit", "F", "--description", "For us").err
    told("recommenders", "create", "--preset", "minimal", "--name", "M")
    assert "Nothing changed." in trellis("recommenders", "edit", "M", "--set", "learning_rate=0.005").err
    assert "M is at version 2." in trellis("recommenders", "edit", "M", "--set", "learning_rate=0.01").err


def test_a_misspelt_field_is_told_the_closest_one(trellis: Any, document: Any) -> None:
    said = trellis("recommenders", "create", "--set", "learning_rte=0.1")
    assert 'Unknown field "learning_rte"' in said.err
    assert "Did you mean learning_rate?" in said.err
    layers = '[{"type": "dense", "units": 8, "activaton": "relu"}]'
    assert (
        "Did you mean activation?"
        in trellis("recommenders", "create", "--set", f"buyer_tower_layers={layers}").err
    )
    wrong = features() | {"target_colum": None}
    said = trellis("features", "create", "--data", "sales", "--file", document(wrong))
    assert "Did you mean target_column?" in said.err


def test_a_target_that_is_a_feature_is_told_where_to_take_it_out(trellis: Any, document: Any) -> None:
    wrong = features()
    wrong["buyer_model_features"].append(
        {"column": "stars", "data_type": "numeric", "transforms": {"normalize": {}}}
    )
    said = trellis("features", "create", "--data", "sales", "--file", document(wrong))
    assert "cannot also be a feature (F-31)" in said.err
    assert "Take it out of buyer_model_features, or choose another target or none." in said.err


def test_settings_are_shown_as_they_are_given(trellis: Any, told: Any) -> None:
    told("recommenders", "create", "--preset", "minimal", "--name", "M")
    lines = dict(
        line.split(maxsplit=1) for line in trellis("recommenders", "show", "M").out.splitlines() if line
    )
    assert lines["remove_accidental_hits"].strip() == "false"
    assert lines["early_stopping"].strip() == "null"
    for name in ("remove_accidental_hits", "early_stopping"):
        assert trellis("recommenders", "edit", "M", "--set", f"{name}={lines[name].strip()}").code == 0
