"""The kinds of record in the state: declared once each, found by name.

A declaration says what a kind's ids begin with, which type its records have, how people call it, and what must hold before
one is deleted, taken back or restored. The core's own stand beside their commands; a family adds its own
(`Family.kinds`). Commands that do the same to every kind (rename, tag, note, delete, restore), the store, undo and
history read these declarations; no other list of kinds exists.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from workbench.roles import Role

if TYPE_CHECKING:
    from workbench.commands.base import Env
    from workbench.state import AppState, Record

CORE: Mapping[str, str] = {
    "dataset": "workbench.commands.datasets:DATASET",
    "model": "workbench.commands.models:MODEL",
    "run": "workbench.commands.runs:RUN",
    "counter": "workbench.commands.rules:COUNTER",
    "view": "workbench.listing.views:VIEW",
    "sweep": "workbench.sweeps.records:SWEEP",
}
"""Name -> import string of the core's own kinds."""


MAX_NAME = 100
"""Characters of a name, where a kind says nothing else."""


def _nothing(*_: Any) -> None:
    """No objection."""


@dataclass(frozen=True)
class RunWords:
    """What people call what becomes of a run.

    Attributes:
        starting: from its claim to the end of its first epoch. going: while it does what it is for. stop: to end it early. stopping: until it has ended so. stopped: afterwards.
    """

    starting: str = "Starting"
    going: str = "Training"
    stop: str = "Stop"
    stopping: str = "Stopping"
    stopped: str = "Stopped"


@dataclass(frozen=True)
class RecordKind:
    """One kind of record.

    Attributes:
        name: as the store writes it. prefix: what its ids begin with. record: the type of its records.
        word: what people call one of them: "There is no model ...".
        named: whether its records have a `name`, unique among those that are not deleted.
        scope: the field within whose equal values names are unique; "" for unique among all. max_name: characters of a name.
        run_word: what people call a run of one, run_words: what becomes of it, run_again: what to do for another, and
            without_weights: what a run of one that was stopped before its first checkpoint leaves.
        note: the field that holds a person's note, "" if there is none. role: what a user must be to rename, delete or restore one.
        deletable: `deletable(state, record)` raises CommandError for a record that must stay.
        removable: the same for taking its creation back. restorable: the same for bringing a deleted one back.
        fits: `fits(state, env, before, after)` raises CommandError where an undo would leave a record that cannot stand.
    """

    name: str
    prefix: str
    record: type[Record]
    word: str
    named: bool = False
    scope: str = ""
    max_name: int = MAX_NAME
    run_word: str = "run"
    run_words: RunWords = RunWords()
    run_again: str = "Start a new run."
    without_weights: str = "the model keeps the weights it had"
    note: str = "note"
    role: Role = "train"
    deletable: Callable[[AppState, Any], None] = _nothing
    removable: Callable[[AppState, Any], None] = _nothing
    restorable: Callable[[AppState, Any], None] = _nothing
    fits: Callable[[AppState, Env, Any, Any], None] = _nothing

    def within(self, record: Any) -> Any:
        """Where a record's name is unique: the value of its scope, None among all."""
        return getattr(record, self.scope) if self.scope else None


def kind_of(name: str) -> RecordKind:
    """The kind of that name. Raises KeyError with the known names."""
    if name in CORE:
        return _core(name)
    found = _of_families().get(name)
    if found is None:
        raise KeyError(f"no kind of record is named {name!r}; known: {', '.join(all_kinds())}")
    return found


def all_kinds() -> Mapping[str, RecordKind]:
    """Every kind by name: the core's, then the families'."""
    return {name: _core(name) for name in CORE} | _of_families()


def kind_of_record(record: Record) -> RecordKind:
    """The kind whose type the record has. Raises KeyError for a type that no kind has."""
    for kind in all_kinds().values():
        if type(record) is kind.record:
            return kind
    raise KeyError(f"no kind of record has the type {type(record).__name__}")


@cache
def _core(name: str) -> RecordKind:
    module, _, attribute = CORE[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def _of_families() -> dict[str, RecordKind]:
    from workbench.families import all_families

    return {kind.name: kind for family in all_families() for kind in (found.load() for found in family.kinds)}
