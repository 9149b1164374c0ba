"""The records that a page is of: found by their numbers, missing, or deleted by somebody while the page is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.later import Later
from dashboard.pages.page import Page
from workbench.commands.base import CommandError
from workbench.kinds import kind_of
from workbench.state import AppState, Kind

if TYPE_CHECKING:
    from workbench.commands import records, rules
else:
    records, rules = Later("workbench.commands.records"), Later("workbench.commands.rules")


@dataclass(frozen=True)
class Gone:
    """A record that was deleted: its kind and id, and what happened, as a sentence.

    Attributes:
        page: whether the open page is of it, or else of one that hangs on it.
    """

    kind: str
    id: str
    words: str
    page: bool = True


def numbered(state: AppState, page: Page, variables: Mapping[str, str]) -> dict[str, str]:
    """An address's variables with the id in place of a record's number; REST and the command line take numbers, too.

    Raises CommandError not_found for a number that no record has.
    """
    named = page.named(variables)
    return dict(variables) | ({} if named is None else {named[0]: rules.id_of(state, named[1], variables[named[0]])})


def require(state: AppState, page: Page, variables: Mapping[str, str]) -> None:
    """Raises CommandError not_found unless the record that an address names is there, saying what the address names instead."""
    named = page.named(variables)
    if named is not None:
        rules.find(state, named[1], variables[named[0]])


def deleted(state: AppState, page: Page, variables: Mapping[str, str]) -> Gone | None:
    """The record that an address names, if it is one that was deleted."""
    named = page.named(variables)
    return None if named is None else _gone(state, named[1], variables[named[0]])


def shown_by(state: AppState, page: Page, variables: Mapping[str, str]) -> list[list[str]]:
    """(kind, id) of the records whose deletion an open page tells: the one it is of, and what a run is about, if that is there."""
    named = page.named(variables)
    if named is None:
        return []
    found = [[named[1], variables[named[0]]]]
    run = state.runs.get(variables[named[0]]) if named[1] == Kind.RUN else None
    if run is not None and _gone(state, run.subject.kind, run.subject.id) is None:
        found.append([run.subject.kind, run.subject.id])
    return found


def gone_of(state: AppState, shown: Iterable[Sequence[str]]) -> Gone | None:
    """What has been deleted of that which an open page shows."""
    for place, (kind, id) in enumerate(shown):
        found = _gone(state, kind, id, page=place == 0)
        if found is not None:
            return found
    return None


def restore(workbench: Any, who: str, kind: str, id: str) -> str:
    """Bring a deleted record back; returns what was done, as a sentence. Raises CommandError."""
    if "deleted_at" not in kind_of(kind).record.model_fields:
        raise CommandError("That cannot be restored.", "kind")
    state = workbench.store.execute(records.RestoreCommand(kind=kind, id=id), actor=who).state
    return f"Restored {rules.title(state.of(kind)[id])}."


def _gone(state: AppState, kind: str, id: str, *, page: bool = True) -> Gone | None:
    record = state.of(kind).get(id)
    if record is None or getattr(record, "deleted_at", None) is None:
        return None
    words = f"The {kind_of(kind).word} {rules.title(record)} was deleted."
    return Gone(kind, id, words if page else f"{words} This run of it stays as it is.", page)
