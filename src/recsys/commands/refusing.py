"""Issues of a document as a command's refusal: all of them, with their codes and the values that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recsys.issues import Issue
from workbench.commands.base import CommandError
from workbench.commands.rules import Code, refuse
from workbench.fields import FieldProblem
from workbench.store.errors import VERSION_CONFLICT, VersionConflict


def problems_of_issues(issues: Iterable[Issue], document: Any = None) -> tuple[FieldProblem, ...]:
    """Those issues that keep a document from being stored or used, as problems of its fields."""
    return tuple(
        FieldProblem(i.path, i.message, value_at(document, i.path), i.hint, code=str(i.code))
        for i in issues
        if i.severity == "error"
    )


def refuse_issues(issues: Iterable[Issue], document: Any, *, clash: bool) -> None:
    """Raises CommandError for a document that cannot be stored.

    Args:
        clash: whether its name is taken; a document with no other fault is then in conflict, not invalid.
    """
    problems = problems_of_issues(issues, document)
    only_name = clash and all(problem.path == "name" for problem in problems)
    code: Code = "conflict" if only_name else "invalid"
    refuse(problems, code=code)


def value_at(document: Any, path: str) -> Any:
    """The value that a path of a document leads to; None where it leads nowhere."""
    for step in path.split("."):
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list | tuple) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


class ConfigVersionConflict(VersionConflict):
    """A writer's version of a configuration is not the current one; `current` says which is.

    Where both are the same, something that versions do not count was changed.
    """

    def __init__(self, title: str, *, expected: int, current: int) -> None:
        had = f"you had version {expected}, it is at {current} now"
        other = "its name, description, tags or note are no longer those that you read"
        message = f"{title} was changed by somebody else: {other if expected == current else had}."
        super().__init__(message, expected=expected, current=current)
        self.field = "version"
        self.problems = (FieldProblem("version", message, current, self.hint, code=VERSION_CONFLICT),)


def conflict(message: str, field: str, code: str, hint: str | None = None) -> CommandError:
    """A refusal because of the present state, with a code for programs."""
    problem = FieldProblem(field, message, hint=hint, code=code)
    return CommandError(message, field, hint, code="conflict", problems=(problem,))
