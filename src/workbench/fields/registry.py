"""What is read off the definitions: what applies, what changed, an architecture in words and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.fields.definition import FieldKind
from workbench.fields.model import ConfigModel, field_specs, flat_values, structural_fields, value_at
from workbench.fields.parts import entry_type, introduced_default, modifiable_part, structural_part
from workbench.fields.problems import FieldProblem
from workbench.fields.spec import Composite, FieldSpec, choice_label
from workbench.fields.words import AUTO, show_value


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
            why = next((why for refused, why in spec.meta.unavailable_values if refused == value), None)
            if why is not None:
                message = f"{show_value(value)} is not yet available: {why}"
                problems.append(FieldProblem(spec.name, message, value, "Choose another value."))
    return problems


def reset_inapplicable(specs: Iterable[FieldSpec], values: Mapping[str, Any], resolved: Mapping[str, Any]) -> dict[str, Any]:
    """New values (the defaults) for the fields that no longer apply and hold something else."""
    return {
        s.name: s.default
        for s in specs
        if not applies(s, resolved) and values.get(s.name, s.default) not in s.off_values and not s.required
    }  # fmt: skip


def architecture_summary(config_types: Iterable[type[ConfigModel]], resolved: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Ordered (label, value) pairs in words for the read-only display of a locked architecture."""
    lines = []
    for spec in structural_fields(*config_types):
        if not applies(spec, resolved):
            continue
        if spec.meta.summary is not None:
            line = spec.meta.summary(resolved)
            if line is not None:
                lines.append(line)
        else:
            lines.append((spec.label, value_words(spec, resolved[spec.name], locked=True)))
    return tuple(lines)


def value_words(spec: FieldSpec, value: Any, *, locked: bool = False) -> str:
    """A field's value as people read it, with its unit; of a value with entries, each entry's kind and what differs from defaults.

    Args:
        locked: say only what is locked of entries.
    """
    if spec.composite is None or value is None:
        # none and auto are no quantities
        unit = "" if value is None or value == AUTO else spec.meta.unit
        return f"{choice_label(spec, value)} {unit}".strip()
    entries = value if spec.composite.many else (value,)
    return "; ".join(_entry_words(spec.composite, entry, locked) for entry in entries) or "none"


def _entry_words(composite: Composite, entry: Mapping[str, Any], locked: bool) -> str:
    config_type = entry_type(composite, entry)
    assert config_type is not None
    words = []
    for spec in field_specs(config_type):
        value = value_at(entry, spec.name)
        if spec.name == composite.tag:
            words.insert(0, choice_label(spec, value))
        elif (spec.required or value != spec.default) and not (locked and spec.kind is FieldKind.MODIFIABLE):
            words.append(f"{spec.label.lower()} {value_words(spec, value, locked=locked)}")
    return ", ".join(words) or "as by default"


@dataclass(frozen=True)
class ChangedFields:
    """Names of fields that differ between two configs; a list whose entries differ in fields of both kinds is in both."""

    structural: tuple[str, ...]
    modifiable: tuple[str, ...]


def changed_fields(old: ConfigModel, new: ConfigModel) -> ChangedFields:
    """Paths of fields whose values differ, by kind. Raises TypeError for configs of two types."""
    if type(old) is not type(new):
        raise TypeError(f"cannot compare {type(old).__name__} with {type(new).__name__}")
    before, after = flat_values(old), flat_values(new)
    differing = [s for s in field_specs(type(old)) if before[s.name] != after[s.name]]

    def where(part: Callable[[FieldSpec, Any], Any]) -> tuple[str, ...]:
        return tuple(s.name for s in differing if part(s, before[s.name]) != part(s, after[s.name]))

    return ChangedFields(where(structural_part), where(modifiable_part))


def fingerprint(model_name: str, configs: ConfigModel | Iterable[ConfigModel], resolved: Mapping[str, Any]) -> str:
    """Identity of an architecture: 16 hex digits over the model's name and its applicable, non-default structural fields.

    A field counts only where it differs from the default it had when it was introduced, so that adding a field
    changes no old fingerprint.

    Args:
        configs: the config, or the configs of several sections, whose structural fields count.
    """
    parts: dict[str, Any] = {}
    for config in [configs] if isinstance(configs, ConfigModel) else configs:
        values = flat_values(config)
        for spec in structural_fields(type(config)):
            introduced = structural_part(spec, introduced_default(spec)) if not spec.required else introduced_default(spec)
            if structural_part(spec, values[spec.name]) != introduced and applies(spec, resolved):
                parts[spec.name] = structural_part(spec, resolved[spec.name])
    text = json.dumps([model_name, parts], sort_keys=True, default=list, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
