"""The base of every config type, and the specs of its fields."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from workbench.fields.definition import FieldKind, FieldMeta, PartMeta
from workbench.fields.spec import FieldSpec, is_config, range_problem


class ConfigModel(BaseModel):
    """Base of every config type: frozen, no unknown fields, every field marked, ranges checked in words."""

    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, protected_namespaces=()
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for name, info in cls.model_fields.items():
            marks = [m for m in info.metadata if isinstance(m, FieldKind)]
            if is_config(info.annotation):
                if marks or not isinstance(info.json_schema_extra, PartMeta):
                    raise TypeError(f"{cls.__name__}.{name} is a sub-config: define it with part(...), without a mark")
            elif len(marks) != 1 or not isinstance(info.json_schema_extra, FieldMeta):
                raise TypeError(f"{cls.__name__}.{name} must be marked Structural[...] or Modifiable[...] and defined with field(...)")

    @field_validator("*", mode="after")
    @classmethod
    def _in_range(cls, value: Any, info: Any) -> Any:
        spec = _by_name(cls).get(info.field_name)
        message = None if spec is None else range_problem(spec, value)
        if message:
            raise ValueError(message)
        return value


@cache
def field_specs(config_type: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """All fields of a config type in definition order, those of its sub-configs by path (`encoder.width`)."""
    return tuple(_specs(config_type))


def _specs(config_type: type[ConfigModel]) -> Iterator[FieldSpec]:
    for name, info in config_type.model_fields.items():
        if is_config(info.annotation):
            yield from _nested_specs(name, _model(info.annotation), info.default, typing.cast(PartMeta, info.json_schema_extra))
        else:
            kind = next(m for m in info.metadata if isinstance(m, FieldKind))
            yield FieldSpec(name, kind, info.annotation, plain(info.default), typing.cast(FieldMeta, info.json_schema_extra))


def _nested_specs(name: str, config_type: type[ConfigModel], default: Any, meta: PartMeta) -> Iterator[FieldSpec]:
    """A sub-config's fields as its holder sees them."""
    inner = field_specs(config_type)
    group = meta.section or meta.label
    siblings = {spec.name for spec in inner}
    defaults = flat_values(default) if isinstance(default, ConfigModel) else {}
    for spec in inner:
        conditions = {
            key: condition.within(name, siblings)
            for key in ("applies_when", "shown_when")
            if (condition := getattr(spec.meta, key)) is not None
        }
        yield replace(
            spec,
            name=f"{name}.{spec.name}",
            default=defaults.get(spec.name, spec.default),
            meta=replace(spec.meta, **conditions) if conditions else spec.meta,
            within=(meta.label, *spec.within),
            group=f"{group}, {spec.group}" if spec.group else group,
        )


def spec_of(config_type: type[ConfigModel], name: str) -> FieldSpec:
    """The spec of one field. Raises KeyError."""
    return _by_name(config_type)[name]


@cache
def _by_name(config_type: type[ConfigModel]) -> dict[str, FieldSpec]:
    return {spec.name: spec for spec in field_specs(config_type)}


def flat_values(config: ConfigModel) -> dict[str, Any]:
    """A config's values by path. Entries of lists and configs that may be absent are plain mappings in them."""
    return {spec.name: plain(_at(config, spec.name)) for spec in field_specs(type(config))}


def nested(values: typing.Mapping[str, Any]) -> dict[str, Any]:
    """Values by path as nested mappings: the inverse of flat values."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        if "." not in path:
            tree[path] = value
            continue
        *parts, name = path.split(".")
        node = tree
        for part in parts:
            node = node.setdefault(part, {})
        node[name] = value
    return tree


def value_at(values: typing.Mapping[str, Any], path: str) -> Any:
    """The value that stands at a path of nested values. Raises KeyError."""
    found: Any = values
    for name in path.split("."):
        found = found[name]
    return found


def build(config_type: type[ConfigModel], values: typing.Mapping[str, Any]) -> Any:
    """A config of `config_type` from values by path, which may hold more than its own. Raises pydantic's ValidationError."""
    return config_type(**nested({s.name: values[s.name] for s in field_specs(config_type) if s.name in values}))


def plain(value: Any) -> Any:
    """A config's value as it stands among flat values: configs as mappings, lists as tuples."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple | list):
        return tuple(plain(entry) for entry in value)
    return {name: plain(entry) for name, entry in value.items()} if isinstance(value, dict) else value


def structural_fields(*config_types: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """Fields that need a new model, in definition order."""
    return tuple(s for t in config_types for s in field_specs(t) if s.kind is FieldKind.STRUCTURAL)


def modifiable_fields(*config_types: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """Fields that stay editable, in definition order: also lists whose entries have fields that do."""
    return tuple(s for t in config_types for s in field_specs(t) if is_editable(s))


def is_editable(spec: FieldSpec) -> bool:
    """Whether anything of a field may change after creation."""
    return spec.kind is FieldKind.MODIFIABLE or (
        spec.composite is not None and any(modifiable_fields(_model(entry)) for entry in spec.composite.entries)
    )


def _at(config: Any, path: str) -> Any:
    for name in path.split("."):
        config = getattr(config, name)
    return config


def _model(config_type: Any) -> type[ConfigModel]:
    return typing.cast(type[ConfigModel], config_type)
