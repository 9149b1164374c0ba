"""The one way from a given config to a validated one: used to create, edit and clone models, and by the wizard.

Given values may be flat or nested under `architecture` and `training`, may use older names (the model type's aliases),
and may be text from a form. Every problem is found at once; nothing here raises for a bad value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import ValidationError

from workbench.families import DatasetFacts, ModelType
from workbench.fields import (
    ConfigError,
    ConfigModel,
    FieldKind,
    FieldProblem,
    FieldSpec,
    applicability_problems,
    applies,
    closest,
    field_specs,
    parse_field,
    problems_of,
    reset_inapplicable,
    show_value,
    unknown_field_problem,
)

SECTIONS = ("architecture", "training")
_OFF_WORDS = ("none", "false", "no", "off", "0")


@dataclass(frozen=True)
class Validated:
    """What became of given values.

    Attributes:
        architecture, training: the configs, if nothing is wrong with them; else None.
        resolved: flat values of both with autos replaced; as far as could be told if there are problems.
        problems: what refuses them. warnings: what is worth saying but refuses nothing.
        reset: names set back to their default because they no longer apply (of a clone).
    """

    architecture: ConfigModel | None
    training: ConfigModel | None
    resolved: dict[str, Any]
    problems: tuple[FieldProblem, ...] = ()
    warnings: tuple[FieldProblem, ...] = ()
    reset: tuple[str, ...] = ()

    def configs(self) -> tuple[ConfigModel, ConfigModel]:
        """(architecture, training). Raises ConfigError with every problem."""
        if self.problems or self.architecture is None or self.training is None:
            raise ConfigError(self.problems)
        return self.architecture, self.training


@dataclass(frozen=True)
class Edited:
    """What became of an edit of a model's modifiable values.

    Attributes:
        training: the new config, if nothing is wrong; else None.
        changed: names that the edit changed. reset: names set back to their default because they no longer apply.
    """

    training: ConfigModel | None
    resolved: dict[str, Any]
    changed: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    warnings: tuple[FieldProblem, ...] = ()


@dataclass
class _Given:
    """Typed values by field name, and what was wrong with the rest."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[FieldProblem] = field(default_factory=list)
    stands_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    """Names given an off value that their type does not hold: accepted if the field turns out not to apply."""


def specs_of(model_type: ModelType) -> dict[str, FieldSpec]:
    """Every field of a model type's architecture and training, by name, in definition order."""
    return _specs(model_type.architecture, model_type.training)


@cache
def _specs(*config_types: type[ConfigModel]) -> dict[str, FieldSpec]:
    return {spec.name: spec for config_type in config_types for spec in field_specs(config_type)}


def parse_given(given: Mapping[str, Any] | str) -> dict[str, Any]:
    """A given config, possibly JSON text, as a mapping. Raises ConfigError."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise ConfigError([FieldProblem("config", f"is not valid JSON: {error}")]) from error
    if not isinstance(given, Mapping):
        raise ConfigError([FieldProblem("config", f"must be an object of field names and values (got {type(given).__name__})")])
    return {str(name): value for name, value in given.items()}


def flatten(model_type: ModelType, values: Mapping[str, Any] | str) -> dict[str, Any]:
    """Given values flat and with older names replaced, not yet typed or checked. Raises ConfigError."""
    given = _Given()
    flat = _flatten(model_type, parse_given(values), given)
    if given.problems:
        raise ConfigError(given.problems)
    return model_type.aliases(flat)


def data_values(model_type: ModelType, facts: DatasetFacts) -> dict[str, Any]:
    """Values of structural fields that the dataset determines: fields named `input_shape` and `num_classes`."""
    known = {"input_shape": tuple(facts.shape), "num_classes": len(facts.class_names)}
    return {spec.name: known[spec.name] for spec in field_specs(model_type.architecture) if spec.name in known}


def validate(model_type: ModelType, values: Mapping[str, Any] | str, facts: DatasetFacts) -> Validated:
    """Check a complete config as given; fields left out take the dataset's value, else their default."""
    specs = specs_of(model_type)
    given = _read(model_type, values)
    flat = data_values(model_type, facts) | given.values
    problems = given.problems
    bad = {problem.path for problem in problems}
    for name, spec in specs.items():
        if spec.required and name not in flat and name not in bad:
            problems.append(FieldProblem(name, f"{spec.label} needs a value", None, f"Give {name}."))
    flat = {name: spec.default for name, spec in specs.items() if not spec.required} | flat
    return _check(model_type, flat, facts, problems, given.off)


def validate_stored(model_type: ModelType, architecture: Mapping[str, Any], training: Mapping[str, Any], facts: DatasetFacts) -> Validated:
    """Check a model's stored configs as they are, older ones included (fields added since take their default)."""
    return validate(model_type, {**architecture, **training}, facts)


def validate_start(model_type: ModelType, values: Mapping[str, Any], facts: DatasetFacts) -> Validated:
    """Check a complete config as `validate` does, and whether a run on this very data may start with it."""
    checked = validate(model_type, values, facts)
    if checked.architecture is None or checked.training is None:
        return checked
    found = model_type.preflight(checked.architecture, checked.training, facts)
    return replace(checked, problems=tuple(p for p in found if not p.warning), warnings=tuple(p for p in found if p.warning))


def edit(
    model_type: ModelType,
    architecture: Mapping[str, Any],
    training: Mapping[str, Any],
    values: Mapping[str, Any] | str,
    facts: DatasetFacts,
) -> Edited:
    """Apply an edit of modifiable values to a model's stored configs.

    Structural names are refused, all of them named. Values that stop applying because of the edit are reset to their
    defaults, unless the edit itself sets them, which is a problem.
    """
    given = _read(model_type, values)
    specs = specs_of(model_type)
    locked = [name for name in given.values if specs[name].kind is FieldKind.STRUCTURAL]
    locked += [p.path for p in given.problems if p.path in specs and specs[p.path].kind is FieldKind.STRUCTURAL]
    before = validate_stored(model_type, architecture, training, facts)
    if locked:
        named = _as_given(locked, given.stands_for)
        return Edited(None, before.resolved, problems=tuple(FieldProblem(n, locked_message(named), hint=CLONE_HINT) for n in named))
    stored = _defaults(specs) | _typed_stored(specs, {**architecture, **training})
    flat = stored | given.values
    reset = _reset(model_type, (s for s in field_specs(model_type.training) if s.name not in given.values), flat)
    result = _check(model_type, flat, facts, given.problems, given.off)
    changed = tuple(n for n in given.values if _differs(flat[n], stored[n]))
    return Edited(result.training, result.resolved, changed, reset, result.problems, result.warnings)


def derive(
    model_type: ModelType,
    architecture: Mapping[str, Any],
    training: Mapping[str, Any],
    values: Mapping[str, Any] | str,
    facts: DatasetFacts,
) -> Validated:
    """A clone's configs: the source's with `values` over them, structural ones too; what stops applying takes its default."""
    given = _read(model_type, values)
    specs = specs_of(model_type)
    flat = _defaults(specs) | _typed_stored(specs, {**architecture, **training}) | given.values
    reset = _reset(model_type, (s for s in specs.values() if s.name not in given.values), flat)
    return replace(_check(model_type, flat, facts, given.problems, given.off), reset=reset)


CLONE_HINT = "Clone the model with the new architecture instead."


def locked_message(names: Iterable[str]) -> str:
    """The sentence that refuses an edit of structural fields, all of them named."""
    names = list(dict.fromkeys(names))
    if len(names) == 1:
        return f"{names[0]} is part of this model's architecture and cannot change after creation. {CLONE_HINT}"
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} are part of this model's architecture and cannot change after creation. {CLONE_HINT}"


def validate_sample(
    model_type: ModelType, settings: Mapping[str, Any], facts: DatasetFacts
) -> tuple[ConfigModel | None, list[FieldProblem]]:
    """Check a sample's settings; (the typed settings, nothing) or (None, problems)."""
    specs = _specs(model_type.sample)
    given = _Given()
    for name, raw in settings.items():
        _take(given, specs, name, raw)
    if not given.problems:
        try:
            sample = model_type.sample(**given.values)
        except ValidationError as error:
            return None, problems_of(error, specs)
        given.problems = [p for p in model_type.check_sample(sample, facts) if not p.warning]
        if not given.problems:
            return sample, []
    return None, given.problems


def _read(model_type: ModelType, values: Mapping[str, Any] | str) -> _Given:
    """Flatten, replace older names, and type every value."""
    specs = specs_of(model_type)
    given = _Given()
    try:
        flat = _flatten(model_type, parse_given(values), given)
    except ConfigError as error:
        given.problems.extend(error.problems)
        return given
    try:
        flat = _without_aliases(model_type, flat, specs, given)
    except ConfigError as error:
        given.problems.extend(error.problems)
        told = {problem.path for problem in error.problems}
        flat = {name: value for name, value in flat.items() if name not in told}
    for name, raw in flat.items():
        _take(given, specs, name, raw)
    return given


def _flatten(model_type: ModelType, values: dict[str, Any], given: _Given) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    parts: list[tuple[str, Mapping[str, Any]]] = []
    for section in SECTIONS:
        if section in values and section not in specs_of(model_type):
            part = values.pop(section)
            if isinstance(part, Mapping):
                parts.append((section, part))
            else:
                given.problems.append(FieldProblem(section, "must be an object of field names and values", _shown(part)))
    parts.append(("", values))
    for section, part in parts:
        for name, value in part.items():
            home = _section_of(model_type, name)
            if section and home and home != section:
                given.problems.append(FieldProblem(f"{section}.{name}", f"{name} belongs to {home}, not to {section}", _shown(value)))
            elif name in flat and flat[name] != value:
                given.problems.append(FieldProblem(name, "is given twice with different values", _shown(value)))
            else:
                flat[str(name)] = value
    return flat


def _section_of(model_type: ModelType, name: str) -> str | None:
    spec = specs_of(model_type).get(name)
    return None if spec is None else ("architecture" if spec.kind is FieldKind.STRUCTURAL else "training")


def _without_aliases(model_type: ModelType, flat: dict[str, Any], specs: Mapping[str, FieldSpec], given: _Given) -> dict[str, Any]:
    if all(name in specs for name in flat):
        return flat
    replaced = model_type.aliases(flat)
    for name in flat:
        if name not in specs and name not in replaced:
            given.stands_for[name] = tuple(n for n in model_type.aliases({name: flat[name]}) if n in specs)
    return replaced


def _take(given: _Given, specs: Mapping[str, FieldSpec], name: str, raw: Any) -> None:
    if name not in specs:
        given.problems.append(unknown_field_problem(name, _shown(raw), specs))
        return
    try:
        given.values[name] = typed(specs[name], raw)
    except ValueError as error:
        if raw is None or raw is False or raw == 0 or (isinstance(raw, str) and raw.strip().lower() in _OFF_WORDS):
            given.off.add(name)
        guess = closest(raw, (str(v) for v, _, _ in specs[name].choices)) if isinstance(raw, str) else None
        given.problems.append(FieldProblem(name, str(error), _shown(raw), f"Did you mean {guess}?" if guess else None))


def typed(spec: FieldSpec, raw: Any) -> Any:
    """A given value, text or not, as the field's typed value. Raises ValueError with a sentence."""
    choices = spec.choices
    if choices and spec.value_type is str and not (isinstance(raw, str) and raw.strip() == "" and (spec.optional or spec.accepts_auto)):
        value = raw.strip() if isinstance(raw, str) else raw
        if value is None and spec.optional:
            return None
        if isinstance(value, str) and any(value == option for option, _, _ in choices):
            return value
        options = ", ".join(show_value(option) for option, _, _ in choices)
        raise ValueError(f"{spec.label} must be one of {options} (got {show_value(_shown(raw))})")
    return parse_field(spec, raw)


def _check(
    model_type: ModelType, flat: Mapping[str, Any], facts: DatasetFacts, field_problems: Iterable[FieldProblem], off: Set[str]
) -> Validated:
    """Rules across fields, over values that are typed one by one; a bad field stands at its default meanwhile.

    `off` names fields given as none, false or 0: where they do not apply, that means the same as their default.
    """
    specs = specs_of(model_type)
    problems = list(field_problems)
    bad = {problem.path for problem in problems}
    if any(spec.required and name not in flat for name, spec in specs.items()):
        return Validated(None, None, dict(flat), tuple(problems))
    resolved = model_type.resolve(flat)
    problems = [p for p in problems if p.path not in off or applies(specs[p.path], resolved)]
    bad = {problem.path for problem in problems}
    found = applicability_problems(specs.values(), flat, resolved)
    try:
        architecture = model_type.architecture(**{s.name: flat[s.name] for s in field_specs(model_type.architecture)})
        training = model_type.training(**{s.name: flat[s.name] for s in field_specs(model_type.training)})
    except ValidationError as error:
        problems += [p for p in problems_of(error, specs) if p.path not in bad]
        return Validated(None, None, resolved, tuple(problems))
    known = {problem.path for problem in found}
    found += [p for p in model_type.check(architecture, training, facts) if p.warning or p.path not in known]
    # What is said about a field that is itself wrong, or because of one, would only mislead.
    problems += [p for p in found if not p.warning and not _speaks_of(p, bad)]
    warnings = tuple(p for p in found if p.warning and not _speaks_of(p, bad))
    if problems:
        return Validated(None, None, resolved, tuple(problems), warnings)
    return Validated(architecture, training, resolved, (), warnings)


def _speaks_of(problem: FieldProblem, names: set[str]) -> bool:
    return problem.path in names or any(name in problem.message for name in names)


def _as_given(names: list[str], stands_for: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Structural names under the names they were given by."""
    by_alias = {target: alias for alias, targets in stands_for.items() for target in targets}
    return list(dict.fromkeys(by_alias.get(name, name) for name in names))


def _reset(model_type: ModelType, specs: Iterable[FieldSpec], flat: dict[str, Any]) -> tuple[str, ...]:
    """Set fields in `flat` that no longer apply back to their defaults, and those that then no longer do; their names."""
    specs = list(specs)
    names: list[str] = []
    while more := reset_inapplicable(specs, flat, model_type.resolve(flat)):
        names.extend(more)
        flat |= more
    return tuple(names)


def _defaults(specs: Mapping[str, FieldSpec]) -> dict[str, Any]:
    return {name: spec.default for name, spec in specs.items() if not spec.required}


def _typed_stored(specs: Mapping[str, FieldSpec], stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: typed(specs[name], value) for name, value in stored.items() if name in specs}


def _differs(a: Any, b: Any) -> bool:
    return a != b or isinstance(a, bool) != isinstance(b, bool)


def _shown(value: Any) -> Any:
    """A given value fit for an error message and for JSON."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return str(value)[:200]
    return value if len(text) <= 200 else text[:200]
