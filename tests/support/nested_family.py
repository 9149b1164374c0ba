"""The fake family with one model whose config is nested (see `nested_config`): no sample, no seed, a length called `epochs`.

`Nested` has its sections `network` and `fit` below `model.nested` and in `training`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support import fake_family
from tests.support.nested_config import RULES, SECTIONS, check, resolve
from workbench import families
from workbench.families import ImportString, Layered, ModelType, Preset

HERE = "tests.support.nested_family"

NESTED = ModelType(
    name="nested",
    title="Nested",
    description="Parts and lists.",
    sections=SECTIONS,
    length="epochs",
    sample=None,
    presets=(Preset("plain", "Plain", "The defaults.", {}), Preset("gated", "Gated", "With gates.", {"encoder.kind": "gated"})),
    resolve=resolve,
    check=check,
    apply_preset=lambda preset, facts: dict(preset.values),
    suggest_name=lambda values: f"Nested {values['encoder.width']}",
    parameter_count=lambda values: values["encoder.width"] * 4,
    operations_per_epoch=lambda values, n: float(n * values["encoder.width"]),
    aliases=lambda values: dict(values),
    layered=Layered("Nested", "nested", ImportString("tests.support.fake_family:build")),
    alternatives=("encoder.kind", "decoder.kind"),
    rules=RULES,
)
FAMILY = replace(fake_family.FAMILY, models=(NESTED,))


def register(monkeypatch: Any) -> None:
    """Make it the only family until the test ends."""
    monkeypatch.setattr(families, "FAMILIES", {fake_family.NAME: f"{HERE}:FAMILY"})
    families.family.cache_clear()
