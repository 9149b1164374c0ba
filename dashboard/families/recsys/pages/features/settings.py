"""The dialogs of features, crosses and the target: lines of the registry, each transform a switch with its settings below. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from dashboard.components.dialog import DialogField, field_of
from recsys.features.config import (
    Cross,
    Feature,
    HistoryFeature,
    NumericFeature,
    Target,
    TemporalFeature,
    TextFeature,
)
from recsys.features.transforms import HistoryTransforms, NumericTransforms, TargetTransforms, TemporalTransforms, TextTransforms
from workbench.fields import ConfigModel, FieldSpec, field_specs, spec_of

DIMS, BUCKETS, ROWS = (4, 8, 16, 32, 64, 128), (10, 50, 100, 500), (1000, 5000, 20_000, 100_000)
_CHIPS: Mapping[str, tuple[int, ...]] = {
    "embedding_dim": DIMS,
    "buckets": BUCKETS,
    "hash_bucket_size": ROWS,
    "max_length": (10, 20, 50, 100),
}
_TRANSFORMS: Mapping[type[BaseModel], type[ConfigModel]] = {
    TextFeature: TextTransforms, NumericFeature: NumericTransforms, TemporalFeature: TemporalTransforms, HistoryFeature: HistoryTransforms,
}  # fmt: skip
_ADDS = {"normalize": "Adds 1 dimension.", "null_flag": "Adds 1 dimension.", "cyclical": "Adds 2 dimensions for each cycle.",
         "embedding": "Adds its dimension.", "bucketize": "Adds its dimension.", "history": "Adds the dimension of the item table."}  # fmt: skip
"""What a transform adds to its tower's input."""


def feature_fields(feature: Feature, *, item: str) -> tuple[DialogField, ...]:
    """The lines of a feature's dialog, by its data type.

    Args:
        item: the item id's column, whose table a history shares.
    """
    return transform_fields(_TRANSFORMS[type(feature)], feature.transforms, {"shared_with": item})


def transform_fields(kind: type[ConfigModel], held: Any, fallback: Mapping[str, Any] | None = None) -> tuple[DialogField, ...]:
    """Every transform of a type as a switch, and what it can be set to below it.

    Args:
        held: the present transforms. fallback: values for settings that have no default.
    """
    lines: list[DialogField] = []
    for name in kind.model_fields:
        spec = spec_of(kind, name)
        value = getattr(held, name)
        if spec.composite is None:
            line = field_of(spec, value)
            lines.append(DialogField(line.name, line.label, "switch", bool(value), _help(spec)))
            continue
        lines.append(DialogField(name, spec.meta.label, "switch", value is not None, _help(spec)))
        inner = spec.composite.entries[0]
        for setting in field_specs(inner):
            given = getattr(value, setting.name) if value is not None else _default(setting, fallback or {})
            lines.append(field_of(setting, given, name=f"{name}.{setting.name}", chips=_CHIPS.get(setting.name, ()), under=name))
    return tuple(lines)


def _help(spec: FieldSpec) -> str:
    return " ".join(part for part in (spec.meta.help, _ADDS.get(spec.name, "")) if part)


def _default(spec: FieldSpec, fallback: Mapping[str, Any]) -> Any:
    return fallback.get(spec.name, "") if spec.required else spec.default


def cross_fields(columns: list[tuple[str, str]], cross: Cross | None = None) -> tuple[DialogField, ...]:
    """The lines of a cross's dialog.

    Args:
        columns: (name, words) of the features that may be members; unused for a cross that is there.
    """
    settings = [
        field_of(spec, getattr(cross, spec.name) if cross is not None else spec.default, chips=_CHIPS.get(spec.name, ()))
        for spec in field_specs(Cross)
        if spec.composite is None
    ]
    if cross is not None:
        return tuple(settings)
    options = tuple((name, words, "") for name, words in columns)
    members = [
        DialogField("first", "First", "choice", options[0][0], options=options), DialogField("second", "Second", "choice", options[1][0], options=options),
        DialogField("third", "Third", "choice", None, "Two or three different features.", options=((None, "None", ""), *options)),
    ]  # fmt: skip
    return (*members, *settings)


def target_fields(target: Target) -> tuple[DialogField, ...]:
    """The lines of the target's dialog."""
    clip = field_of(spec_of(Target, "clip_predictions"), target.clip_predictions)
    return (*transform_fields(TargetTransforms, target.transforms), clip)
