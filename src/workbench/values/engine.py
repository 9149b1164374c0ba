"""The one way from a given config to a validated one: used to create, edit and clone, by forms, REST and layered files.

Given values may be flat by path (`encoder.width`, `layers.1.units`), nested, or nested under their sections, may use older names (the kind's
aliases), and may be text from a form. Every problem is found at once; nothing here raises for a bad value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from workbench.families import ModelType
from workbench.fields import (
    ConfigError,
    ConfigModel,
    FieldProblem,
    Fields,
    FieldSpec,
    applicability_problems,
    applies,
    build,
    fields_of,
    flattened,
    is_editable,
    problems_of,
    reset_inapplicable,
)
from workbench.values.given import Given, read, stored_values, take
from workbench.values.kinds import ConfigType
from workbench.values.locked import CLONE_HINT, as_given, locked_message, locked_paths
from workbench.values.places import split_sample
from workbench.values.rules import derived
from workbench.values.stored import with_values

Stored = Mapping[str, Mapping[str, Any]]
"""A config as records hold it: section -> nested JSON values."""


@dataclass(frozen=True)
class Validated:
    """What became of given values.

    Attributes:
        built: the configs by section, if nothing is wrong with them; else None.
        resolved: flat values of all sections with autos replaced; as far as could be told if there are problems.
        problems: what refuses them. warnings: what is worth saying but refuses nothing.
        reset: paths set back to their default because they no longer apply (of a clone).
    """

    built: Mapping[str, ConfigModel] | None
    resolved: dict[str, Any]
    problems: tuple[FieldProblem, ...] = ()
    warnings: tuple[FieldProblem, ...] = ()
    reset: tuple[str, ...] = ()

    def configs(self) -> tuple[ConfigModel, ...]:
        """The configs in the order of the sections. Raises ConfigError with every problem."""
        return tuple(self.sections().values())

    def sections(self) -> Mapping[str, ConfigModel]:
        """The configs by section. Raises ConfigError with every problem."""
        if self.problems or self.built is None:
            raise ConfigError(self.problems)
        return self.built

    def stored(self) -> dict[str, dict[str, Any]]:
        """The configs as records hold them. Raises ConfigError with every problem."""
        return {section: config.model_dump(mode="json") for section, config in self.sections().items()}


@dataclass(frozen=True)
class Edited:
    """What became of an edit of modifiable values.

    Attributes:
        stored: the config as the record is to hold it: the old one but for what changed; None if something is wrong.
        changed: paths that the edit changed. reset: paths set back to their default because they no longer apply.
    """

    stored: dict[str, dict[str, Any]] | None
    resolved: dict[str, Any]
    changed: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    warnings: tuple[FieldProblem, ...] = ()


def specs_of(kind: ConfigType) -> Mapping[str, FieldSpec]:
    """Every field of all sections, by path, in definition order."""
    return fields_of(kind.sections).specs


def validate(kind: ConfigType, values: Mapping[str, Any] | str, facts: Any) -> Validated:
    """Check a complete config as given; fields left out take what their rule gives, else their default."""
    return _validate(kind, fields_of(kind.sections), read(kind, values), facts)


def validate_stored(kind: ConfigType, stored: Stored, facts: Any) -> Validated:
    """Check a stored config as it is, older ones included (fields added since take their default)."""
    return validate(kind, stored, facts)


def validate_start(model_type: ModelType, values: Mapping[str, Any], facts: Any) -> Validated:
    """Check a complete config as `validate` does, and whether a run on this very data may start with it."""
    checked = validate(model_type, values, facts)
    if checked.built is None:
        return checked
    found = model_type.preflight(*checked.built.values(), facts)
    return replace(checked, problems=tuple(p for p in found if not p.warning), warnings=tuple(p for p in found if p.warning))


def edit(kind: ConfigType, stored: Stored, values: Mapping[str, Any] | str, facts: Any) -> Edited:
    """Apply an edit of modifiable values to a stored config.

    Structural names are refused, all of them named; of a list with locked and tunable fields, the entries' locked ones.
    Values that stop applying because of the edit are reset to their defaults, unless the edit itself sets them, which is a
    problem.
    """
    fields = fields_of(kind.sections)
    known = stored_values(fields, stored)
    before = derived(kind, {**fields.defaults, **known}, known, facts)
    given = read(kind, values, before)
    locked = locked_paths(fields, given, before)
    if locked:
        named = as_given(locked, given.stands_for)
        problems = [FieldProblem(n, locked_message(named), hint=CLONE_HINT) for n in named]
        problems += [problem for problem in given.problems if problem.path not in locked]
        return Edited(None, validate_stored(kind, stored, facts).resolved, problems=tuple(problems))
    flat = derived(kind, before | given.values, {**known, **given.values}, facts)
    reset = _reset(kind, [s for s in fields.specs.values() if is_editable(s) and s.name not in given.values], flat)
    result = _check(kind, fields, flat, facts, given.problems, given.off)
    changed = tuple(n for n in given.values if _differs(flat[n], before[n]))
    updated = None if result.built is None else with_values(fields, stored, result.built, (*changed, *reset))
    return Edited(updated, result.resolved, changed, reset, result.problems, result.warnings)


def derive(kind: ConfigType, stored: Stored, values: Mapping[str, Any] | str, facts: Any) -> Validated:
    """A clone's config: the source's with `values` over it, structural ones too; what stops applying takes its default."""
    fields = fields_of(kind.sections)
    source = stored_values(fields, stored)
    given = read(kind, values, {**fields.defaults, **source})
    known = {**source, **given.values}
    flat = derived(kind, {**fields.defaults, **known}, known, facts)
    reset = _reset(kind, [s for s in fields.specs.values() if s.name not in given.values], flat)
    return replace(_check(kind, fields, flat, facts, given.problems, given.off), reset=reset)


def validate_sample(model_type: ModelType, settings: Mapping[str, Any], facts: Any) -> tuple[ConfigModel | None, list[FieldProblem]]:
    """Check a sample's settings, flat or nested, by their own keys or by those of files; (the typed settings, nothing) or (None, problems)."""
    if model_type.sample is None:
        return None, [FieldProblem(name, f"a {model_type.title} has no sample, so no {name}") for name in settings]
    fields = fields_of({"sample": model_type.sample})
    specs = fields.specs
    given = Given()
    try:
        _, own = split_sample(model_type, {}, settings)
    except ConfigError as error:
        return None, list(error.problems)
    for name, raw in flattened(own, fields.groups):
        take(given, specs, name, raw)
    if not given.problems:
        try:
            sample = build(model_type.sample, given.values)
        except ValidationError as error:
            return None, problems_of(error, specs)
        given.problems = [p for p in model_type.check_sample(sample, facts) if not p.warning]
        if not given.problems:
            return sample, []
    return None, given.problems


def _validate(kind: ConfigType, fields: Fields, given: Given, facts: Any) -> Validated:
    flat = derived(kind, {**fields.defaults, **given.values}, given.values, facts)
    bad = _bad(fields, given.problems)
    for name, spec in fields.specs.items():
        if spec.required and name not in flat and name not in bad:
            given.problems.append(FieldProblem(name, f"{spec.label} needs a value", None, f"Give {name}."))
    return _check(kind, fields, flat, facts, given.problems, given.off)


def _check(
    kind: ConfigType, fields: Fields, flat: Mapping[str, Any], facts: Any, field_problems: Iterable[FieldProblem], off: Set[str]
) -> Validated:
    """Rules across fields, over values that are typed one by one; a bad field stands at its default meanwhile.

    `off` names fields given as none, false or 0: where they do not apply, that means the same as their default.
    """
    specs = fields.specs
    problems = list(field_problems)
    if any(spec.required and name not in flat for name, spec in specs.items()):
        return Validated(None, dict(flat), tuple(problems))
    resolved = kind.resolve(flat)
    problems = [p for p in problems if p.path not in off or applies(specs[p.path], resolved)]
    bad = _bad(fields, problems)
    found = applicability_problems(specs.values(), flat, resolved)
    try:
        built = {section: build(config_type, flat) for section, config_type in kind.sections.items()}
    except ValidationError as error:
        problems += [p for p in problems_of(error, specs) if fields.of(p.path) not in bad]
        return Validated(None, resolved, tuple(problems))
    known = {problem.path for problem in found}
    found += [p for p in kind.check(*built.values(), facts) if p.warning or p.path not in known]
    # What is said about a field that is itself wrong, or because of one, would only mislead.
    problems += [p for p in found if not p.warning and not _speaks_of(fields, p, bad)]
    warnings = tuple(p for p in found if p.warning and not _speaks_of(fields, p, bad))
    if problems:
        return Validated(None, resolved, tuple(problems), warnings)
    return Validated(built, resolved, (), warnings)


def _bad(fields: Fields, problems: Iterable[FieldProblem]) -> set[str]:
    """The fields that problems are about; a path that is in no field stands for itself."""
    return {fields.of(problem.path) or problem.path for problem in problems}


def _speaks_of(fields: Fields, problem: FieldProblem, names: set[str]) -> bool:
    return (fields.of(problem.path) or problem.path) in names or any(name in problem.message for name in names)


def _reset(kind: ConfigType, specs: Iterable[FieldSpec], flat: dict[str, Any]) -> tuple[str, ...]:
    """Set fields in `flat` that no longer apply back to their defaults, and those that then no longer do; their names."""
    specs = list(specs)
    names: list[str] = []
    while more := reset_inapplicable(specs, flat, kind.resolve(flat)):
        names.extend(more)
        flat |= more
    return tuple(names)


def _differs(a: Any, b: Any) -> bool:
    return a != b or isinstance(a, bool) != isinstance(b, bool)
