"""The fake family with two models and all that layered configuration can declare: rules, settings of a model that are tunable.

`Alpha` (section `model.alpha`) has one rule that answers `auto` and one that reads what that one gave; `Beta` is its plain sibling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from tests.support import fake_data, fake_family
from workbench import families
from workbench.families import DataSource, DerivedRule, ImportString, Layered, Runtime
from workbench.fields import Modifiable, Structural, field, when

HERE = "tests.support.layered_family"


class AlphaArchitecture(fake_family.Architecture):
    """With a size that the data may choose, an output that follows from it, and a setting that stays tunable."""

    size: Structural[Literal["small", "large"]] = field("small", label="Size", section="Model", help="How large.")
    outputs: Structural[int] = field(label="Outputs", section="Model", ge=1, help="Twice the classes, for large models thrice.")
    wide: Structural[int] = field(7, label="Wide", section="Model", ge=1, applies_when=when(size="large"), help="Of large ones.")
    dropout: Modifiable[float] = field(0.1, label="Dropout", section="Model", ge=0, lt=1, help="Share dropped.")


class BetaArchitecture(fake_family.Architecture):
    """A sibling with a field of its own."""

    depth: Structural[int] = field(2, label="Depth", section="Model", ge=1, le=9, help="How deep.")
    dropout: Modifiable[float] = field(0.2, label="Dropout", section="Model", ge=0, lt=1, help="Share dropped.")


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fake family's, with the new fields' defaults."""
    return fake_family.resolve({"size": "small", "wide": 7, "dropout": 0.1, "depth": 2} | dict(values))


def _size(_: Mapping[str, Any], facts: fake_data.TinyFacts) -> str:
    return "large" if facts.n > 100 else "small"


def _outputs(values: Mapping[str, Any], facts: fake_data.TinyFacts) -> int:
    return len(facts.class_names) * (3 if values["size"] == "large" else 2)


ALPHA = replace(
    fake_family.MODEL_TYPE,
    rules=(
        *fake_family.RULES,
        DerivedRule("outputs", "classes x 2 or 3", _outputs, ("size",)),
        DerivedRule("size", "large from 100 rows on", _size, on_auto=True),
    ),
    name="alpha",
    sections={"architecture": AlphaArchitecture, "training": fake_family.Training},
    resolve=resolve,
    layered=Layered(
        "Alpha",
        "alpha",
        ImportString("tests.support.fake_family:build"),
        seeds=("training.random_seed",),
    ),
)
BETA = replace(
    fake_family.MODEL_TYPE,
    name="beta",
    presets=tuple(replace(preset, name=f"beta_{preset.name}") for preset in fake_family.MODEL_TYPE.presets),
    sections={"architecture": BetaArchitecture, "training": fake_family.Training},
    resolve=resolve,
    layered=Layered("Beta", "beta", ImportString("nowhere.at_all:build")),
)
BIG_FACTS = replace(fake_data.FACTS, n=600, n_train=500)
RUNTIME = Runtime(packages=("jax", "flax", "optax", "numpy"))
FAMILY = replace(
    fake_family.FAMILY,
    models=(ALPHA, BETA),
    runtime=RUNTIME,
    data=replace(
        fake_data.DATA,
        sources=(*fake_data.DATA.sources, DataSource("big", "Big", "More rows.", ImportString(f"{HERE}:load"), BIG_FACTS)),
    ),
)


def register(monkeypatch: Any) -> None:
    """Make it the only family until the test ends."""
    monkeypatch.setattr(families, "FAMILIES", {fake_family.NAME: f"{HERE}:FAMILY"})
    families.family.cache_clear()
