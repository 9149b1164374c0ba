"""Keys of layered files where a config is given by itself."""

from __future__ import annotations

from typing import Any

import pytest

from traffic.family import FAMILY as TRAFFIC
from workbench.families import all_families
from workbench.fields import ConfigError
from workbench.layered.registry import registry
from workbench.layered.schema import schema_of
from workbench.values import edit, flatten, split_sample, validate, validate_sample

LSTM = TRAFFIC.models[0]
KINDS = [pytest.param(kind, id=kind.name) for family in all_families() for kind in family.models]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_files_means_its_field_and_every_setting_of_the_sample_its_own(kind: Any) -> None:
    schema = next(schema_of(entry) for entry in registry().values() if entry.model_type is kind)
    assert flatten(kind, {key.name: 1 for key in schema.by_field.values()}) == dict.fromkeys(schema.by_field, 1)
    of_sample = [key for key in schema.keys.values() if key.owner is kind.sample]
    rest, settings = split_sample(kind, {key.name: 1 for key in of_sample}, {})
    assert (rest, settings) == ({}, {key.spec.name: 1 for key in of_sample})


def test_nested_mappings_of_files_and_parts_of_values_are_taken_apart() -> None:
    values = {
        "model": {"lstm": {"hidden_size": 8}, "social_pooling": {"enabled": True}},
        "training": {"epochs": 3},
        "training.optimizer.name": "sgd",
    }
    assert flatten(LSTM, values) == {"hidden_size": 8, "social_pooling.enabled": True, "epochs": 3, "optimizer.name": "sgd"}
    assert validate(LSTM, {"training.early_stopping.patience": 3}, None).resolved["early_stopping"]["patience"] == 3


def test_a_value_given_by_both_its_names_is_refused_if_they_differ() -> None:
    assert flatten(LSTM, {"epochs": 3, "training.epochs": 3}) == {"epochs": 3}
    with pytest.raises(ConfigError, match="epochs: is given twice"):
        flatten(LSTM, {"epochs": 3, "training.epochs": 4})
    with pytest.raises(ConfigError, match=r"data\.num_vds: is given twice"):
        split_sample(LSTM, {"data.num_vds": 3}, {"num_vds": 4})
    settings, problems = validate_sample(LSTM, {"data.num_vds": 3, "num_vds": 4}, None)
    assert settings is None
    assert [problem.path for problem in problems] == ["data.num_vds"]


def test_a_key_of_another_model_or_below_the_wrong_section_is_told_the_right_one() -> None:
    found = {
        problem.path: problem.hint for problem in validate(LSTM, {"model.xlstm.hidden_size": 8, "training.dropout": 0.1}, None).problems
    }
    assert found == {"model.xlstm.hidden_size": "Did you mean hidden_size?", "training.dropout": "Did you mean dropout?"}


def test_how_a_made_model_uses_its_data_is_fixed_and_that_is_said_with_everything_else() -> None:
    stored = validate(LSTM, {}, None).stored()
    problems = edit(LSTM, stored, {"data.num_vds": 3, "training.epochs": "x", "model.lstm.hidden_size": 8}, None).problems
    assert {problem.path for problem in problems} == {"data.num_vds", "epochs", "hidden_size"}
    assert next(p for p in problems if p.path == "data.num_vds").hint == "A new model takes it as data.num_vds."
