"""Settings that arrive as text or JSON values, as the typed settings they are meant for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from workbench.commands.rules import refuse
from workbench.fields import ConfigModel, FieldProblem, field_specs, parse_field, problems_of, unknown_field_problem

_T = TypeVar("_T", bound=ConfigModel)


def typed(config_type: type[_T], given: Mapping[str, Any]) -> _T:
    """The settings of a type. Raises CommandError naming every value that does not fit."""
    specs = {spec.name: spec for spec in field_specs(config_type)}
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, raw in given.items():
        if name not in specs:
            problems.append(unknown_field_problem(name, raw, specs))
            continue
        try:
            values[name] = parse_field(specs[name], raw)
        except ValueError as error:
            problems.append(FieldProblem(name, f"{error}.", raw))
    refuse(problems)
    try:
        return config_type(**values)
    except ValidationError as error:
        refuse(problems_of(error, specs))
        raise


def options_of(config_type: type[ConfigModel] | None, given: Mapping[str, Any] | ConfigModel | None) -> ConfigModel | None:
    """Settings of a type that may be none, for which nothing may be given. Raises CommandError."""
    if isinstance(given, ConfigModel):
        return given
    if config_type is None:
        refuse(FieldProblem(name, "cannot be set: there are no such settings here", raw) for name, raw in (given or {}).items())
        return None
    return typed(config_type, given or {})
