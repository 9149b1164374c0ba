"""The shipped files of recommenders: they give what the wizard's presets give."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.data.catalogue import SOURCES
from recsys.family import MODEL_TYPE
from recsys.model.presets import PRESETS
from workbench.families import Preset
from workbench.layered import resolve
from workbench.layered.files import SHIPPED
from workbench.values import validate

RETAIL = next(source for source in SOURCES if source.id == "retail")


def stored(*configs: Any) -> dict[str, Any]:
    return {name: value for config in configs for name, value in config.model_dump(mode="json").items()}


def training_of(preset: str) -> str:
    """The training file of a preset: the presets of towers share one."""
    return "standard" if preset in PRESETS else preset


@pytest.mark.parametrize("preset", MODEL_TYPE.presets, ids=lambda preset: preset.name)
def test_the_files_of_a_preset_give_exactly_what_the_wizard_gives(preset: Preset) -> None:
    files = [
        f"models/recsys_{preset.name}.yaml",
        "data/recsys_retail.yaml",
        f"training/recsys_{training_of(preset.name)}.yaml",
    ]
    wizard = validate(MODEL_TYPE, MODEL_TYPE.apply_preset(preset, RETAIL.facts), RETAIL.facts)
    assert stored(*resolve(files).built.sections.values()) == stored(*wizard.configs())


def test_every_preset_and_nothing_else_has_a_model_file_and_a_training_file() -> None:
    names = {preset.name for preset in MODEL_TYPE.presets}
    for folder, wanted in (("models", names), ("training", {training_of(name) for name in names})):
        found = {path.stem.removeprefix("recsys_") for path in (SHIPPED / folder).glob("recsys_*.yaml")}
        assert found == wanted | {"default"}


def test_the_default_files_are_the_defaults_of_the_config_types() -> None:
    files = ["models/recsys_default.yaml", "data/recsys_retail.yaml", "training/recsys_default.yaml"]
    wizard = validate(MODEL_TYPE, {}, RETAIL.facts)
    assert stored(*resolve(files).built.sections.values()) == stored(*wizard.configs())
