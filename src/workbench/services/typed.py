"""Settings that arrive as text or JSON values, as the typed settings they are meant for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from workbench.commands.rules import refuse
from workbench.fields import (
    ConfigError,
    ConfigModel,
    FieldProblem,
    build,
    fields_of,
    flattened,
    problems_of,
    unknown_field_problem,
)
from workbench.fields import typed as typed_value

_T = TypeVar("_T", bound=ConfigModel)


def typed(config_type: type[_T], given: Mapping[str, Any]) -> _T:
    """The settings of a type, given flat by path or nested. Raises CommandError naming every value that does not fit."""
    fields = fields_of({"settings": config_type})
    specs, values = fields.specs, dict[str, Any]()
    problems: list[FieldProblem] = []
    for name, raw in flattened(given, fields.groups):
        if name not in specs:
            problems.append(unknown_field_problem(name, raw, specs))
            continue
        try:
            values[name] = typed_value(specs[name], raw)
        except ConfigError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(FieldProblem(name, f"{error}.", raw))
    refuse(problems)
    try:
        return build(config_type, values)
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
