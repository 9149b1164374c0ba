"""The models that layered configuration knows, read off the families' declarations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench import families
from workbench.families import Layered, ModelType
from workbench.values import ordered_rules


@dataclass(frozen=True)
class ModelEntry:
    """One model: `name` is what `model.name` says, `key` its section below `model`."""

    name: str
    family: str
    key: str
    model_type: ModelType
    layered: Layered

    @property
    def description(self) -> str:
        return self.model_type.description

    def factory(self) -> Any:
        """The function that builds the model, imported now. Raises ImportError, AttributeError with the cause."""
        return self.layered.factory.load()


def registry() -> dict[str, ModelEntry]:
    """Every model by name, in the order of the families. Raises ValueError for a declaration that contradicts another or itself."""
    found: dict[str, ModelEntry] = {}
    for family in families.all_families():
        keys: set[str] = set()
        for model_type in family.models:
            layered = model_type.layered
            if layered.name in found:
                raise ValueError(f"two models are named {layered.name}: in {found[layered.name].family} and in {family.name}")
            if layered.key in keys:
                raise ValueError(f"two models of the family {family.name} have the key {layered.key}")
            ordered_rules(model_type.rules)
            keys.add(layered.key)
            found[layered.name] = ModelEntry(layered.name, family.name, layered.key, model_type, layered)
    return found


def entry_of(family: str, model_type: str) -> ModelEntry:
    """The entry of a registered model type."""
    return next(e for e in registry().values() if e.family == family and e.model_type.name == model_type)
