"""What a form's values mean for a model: autos replaced, fields that do not apply set aside, every rule asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.forms.raw import read
from workbench.families import ModelType
from workbench.fields import ConfigModel, FieldProblem, applies, field_specs
from workbench.values import CLONE_HINT, changed_paths, derived, locked_message, sources, specs_of, validate, validate_sample

_MOST_ROUNDS = 8


@dataclass(frozen=True)
class Judged:
    """A form's outcome.

    Attributes:
        values: every field's typed value; defaults where a field does not apply or could not be read.
        resolved: the same with autos replaced.
        errors: what refuses the form. warnings: what is worth saying but refuses nothing.
        unread: fields whose control holds what is no value of theirs.
        sources: field -> the words of the rule that gives its value. fixed: fields whose value the data determines.
    """

    values: dict[str, Any]
    resolved: dict[str, Any]
    errors: tuple[FieldProblem, ...] = ()
    warnings: tuple[FieldProblem, ...] = ()
    unread: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()


def settle(model_type: ModelType, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(values, resolved): what does not apply is at its default, which may in turn decide whether others apply."""
    settled = dict(values)
    resolved = model_type.resolve(settled)
    for _ in range(_MOST_ROUNDS):
        idle = [s for s in specs_of(model_type).values() if not s.required and not applies(s, resolved) and settled[s.name] != s.default]
        if not idle:
            break
        settled |= {spec.name: spec.default for spec in idle}
        resolved = model_type.resolve(settled)
    return settled, resolved


def judge_config(model_type: ModelType, base: Mapping[str, Any], raw: Mapping[str, Any], facts: Any) -> Judged:
    """Judge a form over the two config types of a model.

    Args:
        base: typed values that hold already, in the hub: fields that the form does not hold keep them, and what is locked of
            the others cannot differ from them.
        raw: what the form's controls hold, by field name. facts: of the dataset.
    """
    specs = specs_of(model_type)
    defaults = {name: spec.default for name, spec in specs.items() if not spec.required}
    typed = read(specs.values(), raw)
    given = {**base, **typed.values}
    values, resolved = settle(model_type, derived(model_type, defaults | given, given, facts))
    unread = {name: raw[name] for name in typed.unread if applies(specs[name], resolved)}
    outcome = validate(model_type, values | unread, facts)
    locked = [path for name in typed.values if name in base for path in changed_paths(specs[name], base[name], typed.values[name])]
    errors = tuple(FieldProblem(path, locked_message([path]), hint=CLONE_HINT) for path in locked) + outcome.problems
    fixed = frozenset(rule.key for rule in model_type.rules if not rule.on_auto)
    return Judged(
        values, resolved, errors, outcome.warnings, frozenset(unread), sources(model_type, resolved, facts), fixed,
    )  # fmt: skip


def judge_sample(model_type: ModelType, raw: Mapping[str, Any], facts: Any) -> tuple[Judged, ConfigModel | None]:
    """Judge a form over a model type's sample settings, with the typed settings if nothing is wrong."""
    specs = field_specs(model_type.sample) if model_type.sample is not None else ()
    typed = read(specs, raw)
    values = {s.name: s.default for s in specs if not s.required} | typed.values
    settings, problems = validate_sample(model_type, values | {name: raw[name] for name in typed.unread}, facts)
    return Judged(values, values, *_split(problems), frozenset(typed.unread)), settings


def _split(problems: Iterable[FieldProblem]) -> tuple[tuple[FieldProblem, ...], tuple[FieldProblem, ...]]:
    problems = tuple(problems)
    return tuple(p for p in problems if not p.warning), tuple(p for p in problems if p.warning)
