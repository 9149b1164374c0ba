"""The settings of runs and models as lists and histories read them: typed values and words, read once for equal configs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from workbench.families import family, is_registered
from workbench.fields import FieldSpec, applies, field_specs, value_words
from workbench.frozen import FrozenDict, Same
from workbench.state import ModelRecord, RunRecord
from workbench.values import resolved_of

_KEPT = 4096
"""Configs that are kept as they were read: more than one list of runs shows."""


@dataclass(frozen=True)
class Setting:
    """One setting of a run: its value, its field, and the value in words."""

    value: Any
    spec: FieldSpec

    @cached_property
    def words(self) -> str:
        # A list of a thousand runs shows few of their settings.
        return value_words(self.spec, self.value)


def specs_of(family_name: str, model_type: str) -> dict[str, FieldSpec]:
    """The fields of a model type that people see, by path; none of a family that is not installed."""
    if not is_registered(family_name):
        return {}
    sections = family(family_name).model(model_type).sections
    return {spec.name: spec for section in sections.values() for spec in field_specs(section) if spec.meta.unavailable is None}


def settings_of(record: RunRecord | ModelRecord) -> Mapping[str, Setting]:
    """The settings that apply to a run or a model, by path; none of one whose config cannot be read any more."""
    if isinstance(record.config, FrozenDict):
        return _read_once(record.family, record.model_type, Same(record.config))
    return _read(record.family, record.model_type, _text(record.config))


def _text(config: Mapping[str, Any]) -> str:
    return json.dumps(config, sort_keys=True)


@lru_cache(maxsize=_KEPT)
def _read_once(family_name: str, model_type: str, same: Same) -> Mapping[str, Setting]:
    return _read(family_name, model_type, _text(same.value))


@lru_cache(maxsize=_KEPT)
def _read(family_name: str, model_type: str, config: str) -> Mapping[str, Setting]:
    specs = specs_of(family_name, model_type)
    if not specs:
        return {}
    try:
        resolved = resolved_of(family(family_name).model(model_type), json.loads(config))
    except ValueError:
        return {}
    return {path: Setting(resolved[path], spec) for path, spec in specs.items() if path in resolved and applies(spec, resolved)}
