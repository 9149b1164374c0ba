"""What of a value with entries is locked, and what stays tunable."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticUndefined

from workbench.fields.definition import FieldKind
from workbench.fields.model import ConfigModel, field_specs, flat_values, is_editable
from workbench.fields.spec import Composite, FieldSpec


def structural_part(spec: FieldSpec, value: Any) -> Any:
    """What of a typed value is locked: all of a structural field but the modifiable fields of its entries.

    Fields of entries that have the default they were introduced with are left out, so that a field added later changes
    nothing about older values. A modifiable field has no such part: None.
    """
    if spec.kind is FieldKind.MODIFIABLE:
        return None
    return value if spec.composite is None else _each(spec.composite, value, FieldKind.STRUCTURAL)


def modifiable_part(spec: FieldSpec, value: Any) -> Any:
    """What of a typed value stays tunable: the rest of it; None for a field that is locked altogether."""
    if spec.kind is FieldKind.MODIFIABLE:
        return value
    return None if spec.composite is None else _each(spec.composite, value, FieldKind.MODIFIABLE)


def entry_type(composite: Composite, value: Mapping[str, Any]) -> type[ConfigModel] | None:
    """The config type of an entry, by its tag; None for a tag that there is not."""
    found = composite.entries[0] if len(composite.entries) == 1 else composite.entry(value.get(composite.tag or ""))
    return typing.cast(Any, found)


def introduced_default(spec: FieldSpec) -> Any:
    """The default a field had when it was introduced."""
    return spec.default if spec.meta.introduced_default is PydanticUndefined else spec.meta.introduced_default


def _each(composite: Composite, value: Any, kind: FieldKind) -> Any:
    if value is None:
        return None
    return tuple(_entry(composite, entry, kind) for entry in value) if composite.many else _entry(composite, value, kind)


def _entry(composite: Composite, entry: Mapping[str, Any], kind: FieldKind) -> dict[str, Any]:
    config_type = entry_type(composite, entry)
    assert config_type is not None
    values = flat_values(config_type(**entry))
    kept: dict[str, Any] = {}
    for spec in field_specs(config_type):
        value = values[spec.name]
        if kind is FieldKind.MODIFIABLE:
            if is_editable(spec):
                kept[spec.name] = modifiable_part(spec, value)
        elif spec.kind is FieldKind.STRUCTURAL and (spec.name == composite.tag or spec.required or value != introduced_default(spec)):
            part = structural_part(spec, value)
            if spec.name == composite.tag or spec.required or part != structural_part(spec, introduced_default(spec)):
                kept[spec.name] = part
    return kept
