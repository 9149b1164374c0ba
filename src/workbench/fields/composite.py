"""Values that hold fields of their own: read entry by entry, with the path of everything that is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from workbench.fields.model import ConfigModel, field_specs, nested, plain
from workbench.fields.parsing import parse_value, shown
from workbench.fields.parts import entry_type
from workbench.fields.problems import ConfigError, FieldProblem, problems_of, unknown_field_problem
from workbench.fields.registry import applicability_problems
from workbench.fields.sections import flattened, groups_of
from workbench.fields.spec import Composite, FieldSpec, range_problem
from workbench.fields.words import brief_value, closest


def typed(spec: FieldSpec, raw: Any) -> Any:
    """A given value, text or not, as the field's typed value. Raises ValueError with a sentence.

    A value with entries may be JSON text; what is wrong with its entries is a ConfigError with the path of each problem.
    """
    return parse_value(spec, raw) if spec.composite is None else read_composite(spec, raw)


def read_composite(spec: FieldSpec, raw: Any) -> Any:
    """A value with entries, complete and in plain form: a tuple of mappings, a mapping, or None. Raises ConfigError."""
    assert spec.composite is not None
    value = _from_text(spec, raw) if isinstance(raw, str) else raw
    if value is None and spec.optional:
        return None
    problems: list[FieldProblem] = []
    if not spec.composite.many:
        done = _entry(spec.composite, value, spec.name, problems)
    elif isinstance(value, list | tuple):
        done = tuple(_entry(spec.composite, entry, f"{spec.name}.{i}", problems) for i, entry in enumerate(value))
        if not problems and (message := range_problem(spec, done)):
            problems.append(FieldProblem(spec.name, f"{spec.label} {message}", hint="Add or remove entries."))
    else:
        done = None
        problems.append(FieldProblem(spec.name, f"{spec.label} must be a list of entries (got {_short(value)})", shown(value)))
    if problems:
        raise ConfigError(problems)
    return done


def _entry(composite: Composite, value: Any, path: str, problems: list[FieldProblem]) -> Any:
    if isinstance(value, ConfigModel):
        value = plain(value)
    if not isinstance(value, Mapping):
        problems.append(FieldProblem(path, f"must be an object of fields and values (got {_short(value)})", shown(value)))
        return None
    config_type = entry_type(composite, value)
    if config_type is None:
        problems.append(_wrong_tag(composite, value, path))
        return None
    flat, wrong = _fields_of(config_type, value, path)
    specs = {spec.name: spec for spec in field_specs(config_type)}
    wrong += [
        FieldProblem(f"{path}.{name}", f"{spec.label} needs a value", hint=f"Give {name}.")
        for name, spec in specs.items()
        if spec.required and name not in flat and not any(_below(p.path, f"{path}.{name}") for p in wrong)
    ]
    if not wrong:
        full = {name: spec.default for name, spec in specs.items() if not spec.required} | flat
        wrong = [_moved(p, path) for p in applicability_problems(specs.values(), full, full)]
    if not wrong:
        try:
            return plain(config_type(**nested(flat)))
        except ValidationError as error:
            wrong = [_moved(p, path) for p in problems_of(error, specs)]
    problems.extend(wrong)
    return None


def _fields_of(config_type: type[ConfigModel], value: Mapping[str, Any], path: str) -> tuple[dict[str, Any], list[FieldProblem]]:
    specs = {spec.name: spec for spec in field_specs(config_type)}
    flat: dict[str, Any] = {}
    wrong: list[FieldProblem] = []
    for name, raw in flattened(value, groups_of(specs)):
        spec = specs.get(name)
        if spec is None and any(known.startswith(f"{name}.") for known in specs):
            wrong.append(FieldProblem(f"{path}.{name}", "must be an object of fields and values", shown(raw)))
            continue
        if spec is None:
            wrong.append(_moved(unknown_field_problem(name, shown(raw), specs), path))
            continue
        try:
            flat[name] = typed(spec, raw)
        except ConfigError as error:
            wrong += [_moved(p, path) for p in error.problems]
        except ValueError as error:
            wrong.append(FieldProblem(f"{path}.{name}", str(error), shown(raw)))
    return flat, wrong


def _wrong_tag(composite: Composite, value: Mapping[str, Any], path: str) -> FieldProblem:
    tag = composite.tag or ""
    known = composite.tags()
    listed = ", ".join(known)
    if tag not in value:
        return FieldProblem(f"{path}.{tag}", f"needs a value: one of {listed}", hint=f"Give {tag}.")
    guess = closest(str(value[tag]), known)
    message = f"must be one of {listed} (got {_short(value[tag])})"
    return FieldProblem(f"{path}.{tag}", message, shown(value[tag]), f"Did you mean {guess}?" if guess else None)


def _from_text(spec: FieldSpec, text: str) -> Any:
    if text.strip().lower() in ("", "none"):
        if spec.optional:
            return None
        raise ConfigError([FieldProblem(spec.name, f"{spec.label} needs a value", text)])
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" in line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError([FieldProblem(spec.name, f"{spec.label} is not valid JSON{where}", text[:200])]) from error


def _moved(problem: FieldProblem, path: str) -> FieldProblem:
    return FieldProblem(f"{path}.{problem.path}", problem.message, problem.value, problem.hint, problem.warning)


def _below(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}.")


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else brief_value(value)
