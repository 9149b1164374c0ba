"""One field as the registry knows it."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import PydanticUndefined

from workbench.fields.definition import FieldKind, FieldMeta
from workbench.fields.words import AUTO, show_value


@dataclass(frozen=True)
class FieldSpec:
    """One field as the registry knows it."""

    name: str
    kind: FieldKind
    annotation: Any
    default: Any
    meta: FieldMeta

    @property
    def required(self) -> bool:
        return self.default is PydanticUndefined

    @property
    def label(self) -> str:
        return self.meta.label

    @property
    def section(self) -> str:
        return self.meta.section

    @property
    def accepts_auto(self) -> bool:
        return AUTO in _literals(self.annotation)

    @property
    def optional(self) -> bool:
        return type(None) in typing.get_args(self.annotation)

    @property
    def value_type(self) -> type:
        """The plain type behind auto and none: bool, int, float, str or tuple."""
        arms = _arms(self.annotation)
        kinds: list[type] = []
        for arm in arms:
            if typing.get_origin(arm) is Literal:
                kinds.extend(type(v) for v in typing.get_args(arm) if v != AUTO)
            elif arm is not type(None):
                kinds.append(typing.get_origin(arm) or arm)
        return kinds[0] if kinds else str

    @property
    def choices(self) -> tuple[tuple[Any, str, str], ...]:
        """(value, label, description) of a field with a closed set of values, auto included; empty otherwise."""
        values = _literals(self.annotation)
        if not values or (self.value_type is not str and self.value_type is not bool):
            return ()
        known = {value: (value, label, text) for value, label, text in self.meta.choices}
        return tuple(known.get(value, (value, show_value(value), "")) for value in values)

    @property
    def off_values(self) -> tuple[Any, ...]:
        """Values a field may hold while it does not apply."""
        return (self.default, AUTO, None, "none", False, 0)

    def range_text(self) -> str:
        """The range in words: "1 to 512", "greater than 0, at most 1"; empty if there is none."""
        m = self.meta
        if m.ge is not None and m.le is not None:
            return f"{show_value(m.ge)} to {show_value(m.le)}"
        words = ((m.ge, "at least"), (m.gt, "greater than"), (m.le, "at most"), (m.lt, "less than"))
        return ", ".join(f"{word} {show_value(bound)}" for bound, word in words if bound is not None)


def range_problem(spec: FieldSpec, value: Any) -> str | None:
    """Why `value` is out of the field's range, or None."""
    m = spec.meta
    if isinstance(value, tuple):
        if m.min_items is not None and len(value) < m.min_items:
            return f"needs at least {m.min_items} entries (got {len(value)})"
        if m.max_items is not None and len(value) > m.max_items:
            return f"takes at most {m.max_items} entries (got {len(value)})"
        return next((p for p in (range_problem(spec, entry) for entry in value) if p), None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    outside = (
        (m.ge is not None and value < m.ge) or (m.gt is not None and value <= m.gt)
        or (m.le is not None and value > m.le) or (m.lt is not None and value >= m.lt)
    )  # fmt: skip
    return f"must be {spec.range_text()} (got {show_value(value)})" if outside else None


def choice_label(spec: FieldSpec, value: Any) -> str:
    """The value in words, by its choice's label where it has one."""
    return next((label for option, label, _ in spec.choices if option == value), show_value(value))


def _arms(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def _literals(annotation: Any) -> tuple[Any, ...]:
    values: list[Any] = []
    for arm in _arms(annotation):
        if typing.get_origin(arm) is Literal:
            values.extend(typing.get_args(arm))
    return tuple(values)
