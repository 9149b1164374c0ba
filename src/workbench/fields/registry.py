"""What is read off the definitions: what applies, what changed, an architecture in words and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined

from workbench.fields.definition import FieldKind
from workbench.fields.model import ConfigModel, field_specs, structural_fields
from workbench.fields.problems import FieldProblem
from workbench.fields.spec import FieldSpec, choice_label
from workbench.fields.words import show_value


def applies(spec: FieldSpec, values: Mapping[str, Any]) -> bool:
    """Whether the field means anything under the other values (autos resolved)."""
    return spec.meta.applies_when is None or spec.meta.applies_when.holds(values)


def applicability_problems(specs: Iterable[FieldSpec], values: Mapping[str, Any], resolved: Mapping[str, Any]) -> list[FieldProblem]:
    """Problems of fields that hold a value although they do not apply, or whose effect is not built yet.

    `values` are the values as given, `resolved` the same with autos replaced.
    """
    problems = []
    for spec in specs:
        value = values.get(spec.name, spec.default)
        condition = spec.meta.applies_when
        idle = condition is not None and not condition.holds(resolved)
        if spec.meta.unavailable and value != spec.default and not (idle and value in spec.off_values):
            problems.append(
                FieldProblem(spec.name, f"is not yet available: {spec.meta.unavailable}", value, f"Leave it at {show_value(spec.default)}.")
            )
        elif condition is not None and idle and value not in spec.off_values:
            names = condition.failing(resolved)
            is_now = ", ".join(f"{n}={show_value(resolved.get(n))}" for n in names)
            because = f": {spec.meta.because}" if spec.meta.because else ""
            problems.append(FieldProblem(
                spec.name, f"{show_value(value)} applies only when {condition.describe(resolved)} (now {is_now}){because}", value,
                f"Leave {spec.name} at {show_value(spec.default)}, or change {' or '.join(names)}.",
            ))  # fmt: skip
        else:
            refused = dict(spec.meta.unavailable_values) if _hashable(value) else {}
            if value in refused:
                problems.append(
                    FieldProblem(spec.name, f"{show_value(value)} is not yet available: {refused[value]}", value, "Choose another value.")
                )
    return problems


def reset_inapplicable(specs: Iterable[FieldSpec], values: Mapping[str, Any], resolved: Mapping[str, Any]) -> dict[str, Any]:
    """New values (the defaults) for the fields that no longer apply and hold something else."""
    return {
        s.name: s.default
        for s in specs
        if not applies(s, resolved) and values.get(s.name, s.default) not in s.off_values and not s.required
    }  # fmt: skip


def architecture_summary(config: ConfigModel, resolved: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Ordered (label, value) pairs in words for the read-only display of a locked architecture."""
    lines = []
    for spec in structural_fields(type(config)):
        if not applies(spec, resolved):
            continue
        if spec.meta.summary is not None:
            line = spec.meta.summary(resolved)
            if line is not None:
                lines.append(line)
        else:
            shown = choice_label(spec, resolved[spec.name])
            lines.append((spec.label, f"{shown} {spec.meta.unit}".strip()))
    return tuple(lines)


@dataclass(frozen=True)
class ChangedFields:
    """Names of fields that differ between two configs."""

    structural: tuple[str, ...]
    modifiable: tuple[str, ...]


def changed_fields(old: ConfigModel, new: ConfigModel) -> ChangedFields:
    """Names whose values differ, by kind. Raises TypeError for configs of two types."""
    if type(old) is not type(new):
        raise TypeError(f"cannot compare {type(old).__name__} with {type(new).__name__}")
    differing = [s for s in field_specs(type(old)) if getattr(old, s.name) != getattr(new, s.name)]
    return ChangedFields(
        tuple(s.name for s in differing if s.kind is FieldKind.STRUCTURAL),
        tuple(s.name for s in differing if s.kind is FieldKind.MODIFIABLE),
    )


def fingerprint(model_name: str, architecture: ConfigModel, resolved: Mapping[str, Any]) -> str:
    """Identity of an architecture: 16 hex digits over the model's name and its applicable, non-default structural fields.

    A field counts only where it differs from the default it had when it was introduced, so that adding a field
    changes no old fingerprint.
    """
    parts: dict[str, Any] = {}
    for spec in structural_fields(type(architecture)):
        introduced = spec.default if spec.meta.introduced_default is PydanticUndefined else spec.meta.introduced_default
        value = getattr(architecture, spec.name)
        if applies(spec, resolved) and value != introduced:
            parts[spec.name] = resolved[spec.name]
    text = json.dumps([model_name, parts], sort_keys=True, default=list, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
