"""Typed values as controls hold them, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.fields import AUTO, FieldProblem, FieldSpec, typed


@dataclass(frozen=True)
class Reading:
    """What controls held: typed `values` by field name, and a problem for each one that could not be read."""

    values: dict[str, Any]
    problems: tuple[FieldProblem, ...]


def raw_of(spec: FieldSpec, value: Any) -> Any:
    """A typed value as the field's control holds it: a bool for switches, text for everything else."""
    if spec.choices:
        return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    if isinstance(value, bool):
        return value
    if value is None or value == AUTO:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(_text(entry) for entry in value)
    return _text(value)


def read(specs: Iterable[FieldSpec], raw: Mapping[str, Any]) -> Reading:
    """The typed values of those of `specs` that `raw` holds a control's value for."""
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for spec in specs:
        if spec.name not in raw:
            continue
        try:
            values[spec.name] = typed(spec, raw[spec.name])
        except ValueError as error:
            problems.append(FieldProblem(spec.name, str(error), raw[spec.name]))
    return Reading(values, tuple(problems))


def by_field(ids: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    """A pattern callback's two parallel lists (ids and values) as field name to value."""
    return {str(id["field"]): value for id, value in zip(ids, values, strict=True)}


def _text(value: Any) -> str:
    """The shortest text that reads back as the same number."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
