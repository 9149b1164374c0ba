"""Options of a command that are the fields of a config type: `--split-seed` for the field `split_seed`."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from workbench.fields import FieldSpec

_GIVEN = "workbench.cli.field_options"


def field_options(fields: Iterable[tuple[FieldSpec, str]]) -> list[Any]:
    """An option for each (field, what it is), for a command class's `get_params`; values are texts, flags are truth values."""

    def keep(context: Any, parameter: Any, value: Any) -> Any:
        context.meta.setdefault(_GIVEN, {})[parameter.name] = value
        return value

    def takes(**_: Any) -> None: ...

    parameters: dict[str, inspect.Parameter] = {}
    for spec, words in fields:
        flag = spec.value_type is bool
        option = typer.Option(f"--{spec.name.replace('_', '-')}", help=f"{words}{_choices(spec)}", metavar=None if flag else "VALUE")
        kind: Any = Annotated[bool | None if flag else str | None, option]
        parameters[spec.name] = inspect.Parameter(spec.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
    takes.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
    takes.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    # typer makes the options of a function with these parameters
    made = typer.Typer(add_completion=False)
    made.command()(takes)
    found = [option for option in typer.main.get_command(made).params if option.name in parameters]
    for option in found:
        option.expose_value, option.callback = False, keep
    return found


def _choices(spec: FieldSpec) -> str:
    """The words that a choice may be, as a sentence after what it is."""
    return f" One of {', '.join(str(value) for value, _, _ in spec.choices)}." if spec.choices else ""


def given_fields(context: typer.Context) -> dict[str, Any]:
    """Those of them that were given, by the fields' names."""
    return {name: value for name, value in context.meta.get(_GIVEN, {}).items() if value is not None}
