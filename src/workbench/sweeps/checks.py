"""Whether a search makes sense of a model: every mistake at once, with paths and the nearest names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.families import Family, ModelType
from workbench.fields import ConfigError, FieldKind, FieldProblem, applies, closest, is_editable, shown, unknown_field_problem
from workbench.sweeps.settings import SweepSettings
from workbench.sweeps.space import Parameter, Written, combinations, number_text, read
from workbench.values import derived, flatten_all, stored_values
from workbench.values.given import read as read_values
from workbench.values.locked import locked_paths

SPACE = "space"
MOST_COMBINATIONS = 1000
"""Of a grid: as many as a sweep may have trials."""


@dataclass
class _Found:
    problems: list[FieldProblem] = field(default_factory=list)
    space: dict[str, Parameter] = field(default_factory=dict)


def checked_space(
    kind: ModelType, stored: Mapping[str, Mapping[str, Any]], texts: Sequence[str], facts: Any, *, architectures: bool
) -> tuple[tuple[Parameter, ...], list[FieldProblem]]:
    """(the settings that are searched, what is wrong with the rest).

    Args:
        kind, stored, facts: the model's type, its config and its data's facts. texts: see `space.read`.
        architectures: whether locked fields may be searched.
    """
    found = _Found()
    known = stored_values(kind.fields, stored)
    before = derived(kind, {**kind.fields.defaults, **known}, known, facts)
    for text in texts:
        try:
            written = read(text)
        except ValueError as error:
            found.problems.append(FieldProblem(SPACE, str(error), text))
            continue
        _take(kind, before, written, found, architectures=architectures)
    if not texts:
        found.problems.append(FieldProblem(SPACE, "names no setting to search; give one as learning_rate=1e-4..1e-2:log"))
    for path in found.space:
        found.problems += _applicability(kind, before, path, found.space)
    return tuple(found.space.values()), found.problems


def settings_problems(settings: SweepSettings, space: Sequence[Parameter]) -> list[FieldProblem]:
    """What is wrong with how a search is to go on over a space."""
    if settings.sampler != "grid":
        return []
    endless = [
        FieldProblem(p.path, f"a grid needs to know how many values: {p.path}={_ends(p)}/5{':log' if p.log else ''}", p.words)
        for p in space
        if p.values is None
    ]
    total = combinations(space)
    if total is None or total <= MOST_COMBINATIONS:
        return endless
    widest = max(space, key=lambda p: len(p.values or ()))
    hint = (
        f"Say how many values a range is to have: {widest.path}={_ends(widest)}/5." if widest.kind != "choice" else "Search fewer settings."
    )
    return [FieldProblem(SPACE, f"a grid tries every combination, here {total:,}; {MOST_COMBINATIONS:,} at most", hint=hint)]


def objective_words(family: Family, key: str, space: Sequence[Parameter]) -> str | None:
    """That an objective is made of settings that are searched, so that values of two trials do not compare; None where it is not."""
    made_of = [p.path for p in space if p.path in family.measures.of(key).made_of]
    if not made_of:
        return None
    names = ", ".join(made_of)
    return f"{family.measures.title(key)} is made of what is searched ({names}): a value of one trial says nothing beside another's"


def meaningless(kind: ModelType, stored: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any], facts: Any) -> tuple[str, ...]:
    """The settings of a trial that mean nothing beside its others: those whose condition a setting that is tried with them fails."""
    known = stored_values(kind.fields, stored)
    left = dict(values)
    while True:
        given = read_values(kind, left, {**kind.fields.defaults, **known})
        resolved = kind.resolve(derived(kind, {**kind.fields.defaults, **known, **given.values}, {**known, **given.values}, facts))
        gone = [path for path in left if (spec := kind.fields.specs.get(path)) is not None and not applies(spec, resolved)]
        if not gone:
            return tuple(path for path in values if path not in left)
        for path in gone:
            del left[path]


def _ends(parameter: Parameter) -> str:
    return f"{number_text(parameter.low)}..{number_text(parameter.high)}"


def objectives(family: Family) -> tuple[str, ...]:
    """Metrics that a search may be about: those that epochs report of validation data and of which one value is better, most telling first."""
    keys = [f"validation/{m.key}" for m in family.metrics if "validation" in m.splits and m.direction is not None]
    first = [key for key in family.watched if key in keys]
    return tuple(dict.fromkeys((*first, *keys)))


def objective_of(family: Family, asked: str) -> str:
    """The metric that is meant, the family's own choice for `auto`. Raises ConfigError with the nearest name."""
    known = objectives(family)
    if asked == "auto":
        return "validation/loss" if "validation/loss" in known else known[0]
    if asked in known:
        return asked
    guess = closest(asked, known)
    hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(known[:8])}."
    raise ConfigError([FieldProblem("objective", f"no epoch reports {asked[:80]!r} of validation data", asked, hint)])


def _take(kind: ModelType, before: Mapping[str, Any], written: Written, found: _Found, *, architectures: bool) -> None:
    named, wrong = flatten_all(kind, {written.path: written.path})
    path = next(iter(named), written.path)
    if wrong:
        found.problems += wrong
        return
    parameter, problems = _parameter(kind, before, path, written)
    locked = _locked(kind, before, path, parameter)
    if locked and not architectures:
        message = f"{path} is part of the architecture, which runs of one model share"
        problems = [FieldProblem(path, message, hint="Search it with architectures: each trial is then a clone of the model.")]
    if path in found.space:
        problems.append(FieldProblem(path, f"{path} is searched twice", hint="Keep one of the two."))
    found.problems += problems
    if not problems and parameter is not None:
        found.space[path] = parameter


def _parameter(kind: ModelType, before: Mapping[str, Any], path: str, written: Written) -> tuple[Parameter | None, list[FieldProblem]]:
    if written.low is None or written.high is None:
        return _choices(kind, before, path, written.choices)
    values, problems = _typed(kind, before, path, (written.low, written.high))
    if problems:
        return None, problems
    low, high = values
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)):
        return None, [FieldProblem(path, f"{path} is no number, so it has no range", written.low, f"Give choices: {path}=VALUE,VALUE.")]
    whole = isinstance(low, int) and isinstance(high, int)
    if low >= high:
        got = f"{number_text(low)}..{number_text(high)}"
        problems.append(FieldProblem(path, f"{path} must begin below its end (got {got})", shown(written.low)))
    if written.log and low <= 0:
        problems.append(
            FieldProblem(path, f"{path} begins at {number_text(low)}, and a logarithmic scale begins above 0", shown(written.low))
        )
    count = None
    if written.count is not None:
        count = int(written.count) if written.count.isascii() and written.count.isdigit() and len(written.count) < 5 else 0
        if not 2 <= count <= (high - low + 1 if whole else 1000):
            problems.append(
                FieldProblem(
                    path, f"{path} cannot have {written.count or 'no'} values between {number_text(low)} and {number_text(high)}", written.count
                )
            )  # fmt: skip
    if problems:
        return None, problems
    found = Parameter(path=path, kind="int" if whole else "float", low=low, high=high, log=written.log, count=count)
    different = len(set(found.values or ())) if count is not None else None
    if count is not None and different is not None and different < count:
        message = f"{path} has only {different} different values among {count} between {number_text(low)} and {number_text(high)}"
        return None, [FieldProblem(path, message, written.count, f"Ask for {different} at most, or leave the number out.")]
    return found, []


def _choices(kind: ModelType, before: Mapping[str, Any], path: str, choices: Iterable[Any]) -> tuple[Parameter | None, list[FieldProblem]]:
    values, problems = _typed(kind, before, path, choices)
    if problems:
        return None, problems
    if len({repr(value) for value in values}) < max(2, len(values)):
        return None, [FieldProblem(path, f"{path} needs two different choices at least, each once", shown([*values]))]
    return Parameter(path=path, kind="choice", choices=values), []


def _typed(kind: ModelType, before: Mapping[str, Any], path: str, raws: Iterable[Any]) -> tuple[tuple[Any, ...], list[FieldProblem]]:
    """(values as JSON ones, typed by their field, what is wrong with them)."""
    values: list[Any] = []
    problems: dict[str, FieldProblem] = {}
    if kind.fields.of(path) is None:
        return (), [unknown_field_problem(path, None, kind.fields.specs)]
    for raw in raws:
        given = read_values(kind, {path: raw}, before)
        for problem in given.problems:
            problems.setdefault(problem.message, problem)
        if not given.problems:
            values.append(value_at(kind, given.values, path))
    return tuple(values), list(problems.values())


def value_at(kind: ModelType, values: Mapping[str, Any], path: str) -> Any:
    """The value at a path, which may lead into a list of entries; tuples as lists, as JSON has them."""
    holder = kind.fields.of(path) or path
    value: Any = values[holder]
    for part in filter(None, path.removeprefix(holder).split(".")):
        value = value[int(part)] if isinstance(value, tuple | list) else value[part]
    return list(value) if isinstance(value, tuple) else value


def _locked(kind: ModelType, before: Mapping[str, Any], path: str, parameter: Parameter | None) -> bool:
    """Whether a setting is a part of the locked architecture."""
    spec = kind.fields.specs.get(path)
    if spec is not None and (spec.kind is not FieldKind.STRUCTURAL or not is_editable(spec)):
        return spec.kind is FieldKind.STRUCTURAL
    tried = () if parameter is None else parameter.choices or (parameter.low, parameter.high)
    return any(locked_paths(kind.fields, read_values(kind, {path: value}, before), before) for value in tried)


def _applicability(kind: ModelType, before: Mapping[str, Any], path: str, space: Mapping[str, Parameter]) -> list[FieldProblem]:
    """That a setting means nothing to this model, whatever else is searched."""
    spec = kind.fields.specs.get(path)
    resolved = kind.resolve(before)
    if spec is None or spec.meta.applies_when is None or applies(spec, resolved):
        return []
    failing = spec.meta.applies_when.failing(resolved)
    if any(name in space for name in failing):
        return []
    return [FieldProblem(path, f"{path} means nothing to this model: it applies when {spec.meta.applies_when.describe(resolved)}")]
