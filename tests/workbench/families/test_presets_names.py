"""A preset's name says its model type, too: `trellis train --preset NAME` names nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import fake_family
from workbench.families import all_families


def test_two_presets_of_one_name_are_refused() -> None:
    twin = replace(fake_family.MODEL_TYPE, name="twin")
    with pytest.raises(TypeError, match="two presets named"):
        replace(fake_family.FAMILY, models=(fake_family.MODEL_TYPE, twin))


def test_every_preset_of_a_family_leads_to_one_model_type() -> None:
    for declared in all_families():
        names = [preset.name for model in declared.models for preset in model.presets]
        assert len(set(names)) == len(names)
