"""Typed values as controls hold them, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.fields import AUTO, ConfigError, FieldProblem, FieldSpec, typed


@dataclass(frozen=True)
class Reading:
    """What controls held.

    Attributes:
        values: typed, by field path. problems: of each one that could not be read; of lists, of each entry. unread: their fields.
    """

    values: dict[str, Any]
    problems: tuple[FieldProblem, ...]
    unread: tuple[str, ...] = ()


def raw_of(spec: FieldSpec, value: Any) -> Any:
    """A typed value as the field's control holds it: a bool for switches, text for everything else, JSON for values with entries."""
    if spec.composite is not None:
        return entries_text(value)
    if spec.choices:
        return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    if isinstance(value, bool):
        return value
    if value == AUTO:
        # an empty control means none where a field can be none, too
        return AUTO if spec.optional else ""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(_text(entry) for entry in value)
    return _text(value)


def read(specs: Iterable[FieldSpec], raw: Mapping[str, Any]) -> Reading:
    """The typed values of those of `specs` that `raw` holds a control's value for."""
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    unread: list[str] = []
    for spec in specs:
        if spec.name not in raw:
            continue
        try:
            values[spec.name] = typed(spec, raw[spec.name])
        except ConfigError as error:
            problems.extend(error.problems)
            unread.append(spec.name)
        except ValueError as error:
            problems.append(FieldProblem(spec.name, str(error), raw[spec.name]))
            unread.append(spec.name)
    return Reading(values, tuple(problems), tuple(unread))


def entries_text(value: Any) -> str:
    """A value with entries as JSON text, an entry a line."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        lines = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in value)
        return f"[\n{lines}\n]" if lines else "[]"
    return json.dumps(value, ensure_ascii=False)


def by_field(ids: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    """A pattern callback's two parallel lists (ids and values) as field name to value."""
    return {str(id["field"]): value for id, value in zip(ids, values, strict=True)}


def _text(value: Any) -> str:
    """The shortest text that reads back as the same number."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
