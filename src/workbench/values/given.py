"""Given values, nested or flat, text or not, read into typed values by path. Nothing here raises for a bad value but `parse_given`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.fields import (
    AUTO,
    ConfigError,
    FieldProblem,
    Fields,
    FieldSpec,
    closest,
    fields_of,
    flattened,
    shown,
    typed,
    unknown_field_problem,
)
from workbench.values.kinds import ConfigType
from workbench.values.places import sample_key, without_places
from workbench.values.rules import answers_auto

_OFF_WORDS = ("none", "false", "no", "off", "0")


@dataclass
class Given:
    """Typed values by path, and what was wrong with the rest.

    Attributes:
        stands_for: older name -> the paths it was replaced by.
        off: paths given an off value that their type does not hold: accepted if the field turns out not to apply.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[FieldProblem] = field(default_factory=list)
    stands_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)


def parse_given(given: Mapping[str, Any] | str) -> dict[str, Any]:
    """A given config, possibly JSON text, as a mapping. Raises ConfigError."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise ConfigError([FieldProblem("config", f"is not valid JSON: {error}")]) from error
    if not isinstance(given, Mapping):
        raise ConfigError([FieldProblem("config", f"must be an object of field names and values (got {type(given).__name__})")])
    return {str(name): value for name, value in given.items()}


def flatten(kind: ConfigType, values: Mapping[str, Any] | str) -> dict[str, Any]:
    """Given values by path and with older names replaced, not yet typed or checked. Raises ConfigError."""
    flat, problems = flatten_all(kind, values)
    if problems:
        raise ConfigError(problems)
    return kind.aliases(flat)


def flatten_all(kind: ConfigType, values: Mapping[str, Any] | str) -> tuple[dict[str, Any], list[FieldProblem]]:
    """(given values by path, older names among them; what is wrong with the rest). Raises ConfigError for what is no mapping."""
    given = Given()
    flat = _flatten(fields_of(kind.sections), kind, parse_given(values), given)
    return flat, given.problems


def read(kind: ConfigType, values: Mapping[str, Any] | str, known: Mapping[str, Any] | None = None) -> Given:
    """Flatten, replace older names, and type every value.

    A path into a list of entries (`layers.1.units`) stands for the list with that one value changed.

    Args:
        known: typed values that hold already, for such paths; default: the defaults.
    """
    fields = fields_of(kind.sections)
    given = Given()
    try:
        flat = _flatten(fields, kind, parse_given(values), given)
    except ConfigError as error:
        given.problems.extend(error.problems)
        return given
    try:
        flat = _without_aliases(kind, flat, fields.specs, given)
    except ConfigError as error:
        given.problems.extend(error.problems)
        told = {problem.path for problem in error.problems}
        flat = {name: value for name, value in flat.items() if name not in told}
    flat = _into_entries(fields, flat, fields.defaults if known is None else known, given)
    autos = answers_auto(kind.rules)
    for name, raw in flat.items():
        if name in autos and isinstance(raw, str) and raw.strip().lower() == AUTO:
            given.values[name] = AUTO
        else:
            take(given, fields.specs, name, raw)
    return given


def take(given: Given, specs: Mapping[str, FieldSpec], name: str, raw: Any) -> None:
    """Type one value into `given`, or the problems that it has."""
    if name not in specs:
        given.problems.append(unknown_field_problem(name, shown(raw), specs))
        return
    try:
        given.values[name] = typed(specs[name], raw)
    except ConfigError as error:
        given.problems.extend(error.problems)
    except ValueError as error:
        if raw is None or raw is False or raw == 0 or (isinstance(raw, str) and raw.strip().lower() in _OFF_WORDS):
            given.off.add(name)
        guess = closest(raw, (str(v) for v, _, _ in specs[name].choices)) if isinstance(raw, str) else None
        given.problems.append(FieldProblem(name, str(error), shown(raw), f"Did you mean {guess}?" if guess else None))


def stored_values(fields: Fields, stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The typed values by path of a config as records hold it, by section; names that are no field any more are left out."""
    return {
        name: typed(fields.specs[name], value)
        for part in stored.values()
        for name, value in (flattened(part, fields.groups) if fields.groups else part.items())
        if name in fields.specs
    }


def _flatten(fields: Fields, kind: ConfigType, values: dict[str, Any], given: Given) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    parts: list[tuple[str, Mapping[str, Any]]] = []
    for section in kind.sections:
        if section in values and section not in fields.specs and section not in fields.groups:
            part = values.pop(section)
            if isinstance(part, Mapping):
                parts.append((section, part))
            else:
                given.problems.append(FieldProblem(section, "must be an object of field names and values", shown(part)))
    parts += [("", {name: value}) for name, value in without_places(kind, fields, values)]
    for section, part in parts:
        for path, value in flattened(part, fields.groups) if fields.groups else part.items():
            name = str(path)
            home = fields.section.get(name)
            if section and home and home != section:
                given.problems.append(FieldProblem(f"{section}.{name}", f"{name} belongs to {home}, not to {section}", shown(value)))
            elif name in flat and flat[name] != value:
                given.problems.append(FieldProblem(name, "is given twice with different values", shown(value)))
            elif name in fields.groups:
                given.problems.append(FieldProblem(name, "must be an object of field names and values", shown(value)))
            elif (of_sample := sample_key(kind, name)) is not None and fields.of(name) is None:
                message = "is fixed when a model is made: it says which part of its data a model uses, and how"
                given.problems.append(FieldProblem(name, message, shown(value), f"A new model takes it as {of_sample}."))
            else:
                flat[name] = value
    return flat


def _into_entries(fields: Fields, flat: dict[str, Any], known: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """The values with those for parts of entries put into the values that they are parts of."""
    paths = {name: holder for name in flat if name not in fields.specs and (holder := fields.of(name)) is not None}
    if not paths:
        return flat
    whole = {name: value for name, value in flat.items() if name not in paths}
    for name, holder in paths.items():
        spec = fields.specs[holder]
        try:
            if spec.composite is None:
                raise LookupError
            value = typed(spec, whole.get(holder, known.get(holder)))
            value = {} if value is None and spec.merges else value
            whole[holder] = _with(value, name.removeprefix(f"{holder}.").split("."), flat[name])
        except LookupError:
            given.problems.append(FieldProblem(name, f"{holder} has no such part", shown(flat[name])))
        except ValueError:
            # The value itself is told of.
            whole.setdefault(holder, known.get(holder))
    return whole


def _with(value: Any, path: list[str], new: Any) -> Any:
    """A copy of a value with entries that has `new` at a path. Raises LookupError."""
    if not path:
        return new
    part, rest = path[0], path[1:]
    if isinstance(value, tuple):
        if not (part.isascii() and part.isdigit() and len(part) < 6 and int(part) < len(value)):
            raise LookupError
        at = int(part)
        return (*value[:at], _with(value[at], rest, new), *value[at + 1 :])
    if isinstance(value, dict):
        return {**value, part: _with(value.get(part), rest, new)}
    raise LookupError


def _without_aliases(kind: ConfigType, flat: dict[str, Any], specs: Mapping[str, FieldSpec], given: Given) -> dict[str, Any]:
    if all(name in specs for name in flat):
        return flat
    replaced = kind.aliases(flat)
    for name in flat:
        if name not in specs and name not in replaced:
            given.stands_for[name] = tuple(n for n in kind.aliases({name: flat[name]}) if n in specs)
    return replaced
