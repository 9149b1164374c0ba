"""Starting points of forecasting models: the shipped files, which forms and layered configuration share."""

from __future__ import annotations

from typing import Any

from traffic.layered import RULES
from workbench.families import Preset
from workbench.families.shipped import ShippedValues

_DERIVED = frozenset(rule.key for rule in RULES if not rule.on_auto)


def _own(name: str, _value: Any) -> bool:
    """Whether a value is a preset's: not a nominal size that the data decides."""
    return name not in _DERIVED


def _preset(name: str, title: str, sentence: str) -> Preset:
    return Preset(name, title, sentence, ShippedValues(f"models/{name}.yaml", "training/default.yaml", holds=_own))


def presets_of(key: str, small: str, base: str, social: str) -> tuple[Preset, ...]:
    """The starting points of the network whose files begin with `key`; the sentences say what is in them."""
    return (
        _preset(f"{key}_small", "Forecast", small),
        _preset(f"{key}_base", "Large", base),
        _preset(f"{key}_social", "With neighbours", social),
        Preset(f"{key}_custom", "Custom", "The defaults, to change as you like.", {}),
    )


def apply_preset(preset: Preset, facts: Any) -> dict[str, Any]:
    """A preset's flat values; what depends on the data is the rules' to say."""
    del facts
    return dict(preset.values)
