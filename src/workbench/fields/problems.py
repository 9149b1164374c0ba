"""What is wrong with a config, field by field, in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from workbench.fields.words import closest_of

_WORD_ENDS = re.compile(r"(?![\w.])")
"""Where the name of a field is over."""


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field; `code` says what rule speaks, for programs, where rules have codes."""

    path: str
    message: str
    value: Any = None
    hint: str | None = None
    warning: bool = False
    code: str | None = None


def with_name(path: str, message: str, name: str | None = None) -> str:
    """A problem in words that name its field once: before the message, unless that is a sentence or begins with it itself.

    Args:
        path: the field's key. message: what is wrong with it. name: what the field is called; default: its key.

    >>> with_name("epochs", "must be at least 1"), with_name("towers.0.units", "units must be at least 1")
    ('epochs: must be at least 1', 'towers.0.units must be at least 1')
    """
    called, last = name or path, path.rsplit(".", 1)[-1]
    for own in filter(None, (name, path, last)):
        if message.startswith(own) and _WORD_ENDS.match(message, len(own)):
            return called + message[len(own) :]
    titled = message.startswith(path.capitalize()) and _WORD_ENDS.match(message, len(path))
    if message.endswith(".") or titled:
        return message
    return f"{called}: {message}" if called else message


class ConfigError(ValueError):
    """A config that cannot be accepted; `problems` says what is wrong, field by field."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(with_name(p.path, p.message) for p in self.problems))


def unknown_field_problem(name: str, value: Any, known: Iterable[str]) -> FieldProblem:
    """The problem of a name that no field has, with the closest one, or with the one that it ends in, as files have it in a section."""
    known = list(known)
    ends = [path for path in known if name.endswith(f".{path}")]
    guess = max(ends, key=len) if ends else closest_of((name, name.rpartition(".")[2]), known)
    hint = f"Did you mean {guess}?" if guess else None
    return FieldProblem(name, f"unknown field{f'; did you mean {guess}?' if guess else ''}", value, hint)


def problems_of(error: ValidationError, known: Iterable[str] = (), prefix: str = "") -> list[FieldProblem]:
    """A pydantic error as field problems in plain words."""
    known = list(known)
    problems: dict[str, FieldProblem] = {}
    for item in error.errors(include_url=False):
        path = ".".join(str(part) for part in item["loc"] if not _is_union_tag(part))
        path = path or "config"
        if item["type"] == "extra_forbidden":
            problem = unknown_field_problem(prefix + path, item.get("input"), known)
        else:
            message = item["msg"].removeprefix("Value error, ")
            message = message[0].lower() + message[1:] if message else message
            problem = FieldProblem(prefix + path, message, _json_safe(item.get("input")))
        problems.setdefault(problem.path, problem)
    return list(problems.values())


def _is_union_tag(part: Any) -> bool:
    return isinstance(part, str) and (
        part in ("int", "float", "bool", "str", "none") or part.startswith(("literal[", "constrained-", "function-"))
    )


def _json_safe(value: Any) -> Any:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return str(value)
    return value
