"""What commands about both kinds of configuration do in the same way: names, numbers, versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from recsys.commands.refusing import ConfigVersionConflict
from recsys.issues import Issue
from recsys.model.validate import MAX_DESCRIPTION
from recsys.records import MAX_NAME, ConfigRecord
from workbench.commands.base import Change, CommandError
from workbench.commands.rules import free_name, next_number
from workbench.ids import is_id
from workbench.kinds import kind_of
from workbench.printing import printable
from workbench.state import AppState

R = TypeVar("R", bound=ConfigRecord)

_COPY = " (copy)"


def tidy(name: str) -> str:
    """A name without space around it and with single spaces within."""
    return " ".join(name.split())


def text_issues(name: str, description: str, code: str) -> Iterator[Issue]:
    """What is wrong with a name's characters or a description's length.

    Args:
        code: of values that do not fit, in the kind's rules.
    """
    if not printable(name):
        yield Issue(code, "name", "name must have printable characters only")
    if len(description) > MAX_DESCRIPTION:
        yield Issue(code, "description", f"description must have at most {MAX_DESCRIPTION} characters")


def is_taken(name: str, taken: tuple[str, ...]) -> bool:
    """Whether one of these is the same name; upper and lower case are."""
    return name.casefold() in {other.casefold() for other in taken}


def copy_name(state: AppState, kind: str, name: str, within: Any = None) -> str:
    """ "{name} (copy)", with a number after it if that is taken."""
    return free_name(state, kind, name[: MAX_NAME - len(_COPY)] + _COPY, within=within)


def require_new_id(state: AppState, kind: str, id: str) -> None:
    """Raises CommandError for an id that no new record of the kind can have."""
    if not is_id(kind, id) or id in state.of(kind):
        raise CommandError(f"{id[:80]!r} cannot be a new {kind_of(kind).word}'s id.", "id")


def require_current(record: ConfigRecord, word: str, expected: int | None) -> None:
    """Raises ConfigVersionConflict unless nobody said which version to change, or it is the current one."""
    if expected is not None and expected != record.version:
        raise ConfigVersionConflict(f"The {word} {record.name}", expected=expected, current=record.version)


def next_version(state: AppState, id: str) -> tuple[int, Change]:
    """The next version of a configuration, and the change that remembers it even when Undo takes that back."""
    return next_number(state, id)


def find_version(record: ConfigRecord, word: str, version: int) -> Any:
    """A version of a configuration. Raises CommandError not_found, with those that there are."""
    versions: dict[str, Any] = record.versions  # type: ignore[attr-defined]
    found = versions.get(str(version))
    if found is None:
        known = ", ".join(versions)
        message = f"The {word} {record.name} has no version {version}; it has {known}."
        raise CommandError(message, "version", code="not_found")
    return found
