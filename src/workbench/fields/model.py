"""The base of every config type, and the specs of its fields."""

from __future__ import annotations

import typing
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from workbench.fields.definition import FieldKind, FieldMeta
from workbench.fields.spec import FieldSpec, range_problem


class ConfigModel(BaseModel):
    """Base of every config type: frozen, no unknown fields, every field marked, ranges checked in words."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, protected_namespaces=())

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for name, info in cls.model_fields.items():
            marks = [m for m in info.metadata if isinstance(m, FieldKind)]
            if len(marks) != 1 or not isinstance(info.json_schema_extra, FieldMeta):
                raise TypeError(f"{cls.__name__}.{name} must be marked Structural[...] or Modifiable[...] and defined with field(...)")

    @field_validator("*", mode="after")
    @classmethod
    def _in_range(cls, value: Any, info: Any) -> Any:
        spec = spec_of(cls, info.field_name)
        message = range_problem(spec, value)
        if message:
            raise ValueError(message)
        return value


@cache
def field_specs(config_type: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """All fields of a config type in definition order."""
    hints = typing.get_type_hints(config_type, include_extras=False)
    specs = []
    for name, info in config_type.model_fields.items():
        kind = next(m for m in info.metadata if isinstance(m, FieldKind))
        specs.append(FieldSpec(name, kind, hints[name], info.default, typing.cast(FieldMeta, info.json_schema_extra)))
    return tuple(specs)


def spec_of(config_type: type[ConfigModel], name: str) -> FieldSpec:
    """The spec of one field. Raises KeyError."""
    return _by_name(config_type)[name]


@cache
def _by_name(config_type: type[ConfigModel]) -> dict[str, FieldSpec]:
    return {spec.name: spec for spec in field_specs(config_type)}


def structural_fields(*config_types: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """Fields that need a new model, in definition order."""
    return tuple(s for t in config_types for s in field_specs(t) if s.kind is FieldKind.STRUCTURAL)


def modifiable_fields(*config_types: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """Fields that stay editable, in definition order."""
    return tuple(s for t in config_types for s in field_specs(t) if s.kind is FieldKind.MODIFIABLE)
