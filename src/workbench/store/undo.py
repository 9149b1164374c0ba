"""What Undo and Redo need to know from the journal, read within their transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from workbench.commands.base import Command, Facts, WalkCommand
from workbench.people.rights import called
from workbench.state import AppState, Kind
from workbench.store import journal
from workbench.store.deltas import BOOKKEEPING, Delta, Deltas, LabelsDelta, field_value, inverted
from workbench.store.journal import JournalRow

Place = tuple[str, ...]
"""Where something was changed: (kind, id, field path...), (kind, id) for the record itself, ("labels", model id, index)."""


@dataclass(frozen=True)
class Overwrite:
    """Something that no longer holds what the row wrote: where, and the newest row that changed it since, if one did. `name`: what a
    user who did it is called."""

    place: Place
    actor: str | None
    at: str | None
    name: str | None = None


@dataclass(frozen=True)
class Target:
    """The journal row that an Undo or Redo is about.

    Attributes:
        deltas: what it would change: old values are what must still hold, new ones what it brings.
        overwritten: what does not hold any more, with who changed it and when.
    """

    row: JournalRow
    deltas: Deltas
    overwritten: tuple[Overwrite, ...]


@dataclass(frozen=True)
class Walk(Facts):
    """What Undo and Redo are told: the row they are about, None if there is none; what they pass by, as somebody changed it since."""

    target: Target | None
    passed: tuple[Overwrite, ...] = ()


def find_walk(connection: Connection, command: Command, actor: str, state: AppState) -> Walk:
    """What an Undo or Redo command by this actor is about."""
    assert command.journal_walk is not None
    among = command.among if isinstance(command, WalkCommand) else None
    passed: list[Overwrite] = []
    without: set[int] = set()
    while True:
        seq = journal.next_to(connection, command.journal_walk, actor, among, without)
        row = journal.row(connection, seq) if seq is not None else None
        if row is None:
            return Walk(None, tuple(passed))
        target = _target(connection, command, row, state)
        if among is None or not among.past_others or not target.overwritten:
            return Walk(target, tuple(passed))
        passed += target.overwritten
        left = _still_holding(state, target.deltas)
        if left:
            return Walk(replace(target, deltas=left, overwritten=()), tuple(passed))
        without.add(row.seq)


def _target(connection: Connection, command: Command, row: JournalRow, state: AppState) -> Target:
    wanted = inverted(row.deltas) if command.journal_walk == "undo" else row.deltas
    deltas = tuple(delta for delta in map(_without_bookkeeping, wanted) if delta is not None)
    broken = [place for delta in deltas for place in _not_holding(state, delta)]
    return Target(row, deltas, tuple(_who(connection, place, row.seq) for place in broken))


def _still_holding(state: AppState, deltas: Deltas) -> Deltas:
    """What of a row nobody changed since: single labels of those that it set; nothing, if it changed a record that is another now."""
    if any(not isinstance(delta, LabelsDelta) and _not_holding(state, delta) for delta in deltas):
        return ()
    left: list[Delta] = []
    for delta in deltas:
        if isinstance(delta, LabelsDelta):
            labels = state.labels.get(delta.model_id, {})
            rows = [row for row, value in delta.old.items() if labels.get(row) == value]
            delta = LabelsDelta(delta.model_id, {row: delta.old[row] for row in rows}, {row: delta.new[row] for row in rows})
            if not rows:
                continue
        left.append(delta)
    return tuple(left)


def _without_bookkeeping(delta: Delta) -> Delta | None:
    """Leave out what is never taken back: counters, and times of change."""
    if isinstance(delta, LabelsDelta):
        return delta
    if delta.kind == Kind.COUNTER:
        return None
    if not delta.fields:
        return delta
    fields = tuple(f for f in delta.fields if f.path[0] not in BOOKKEEPING)
    return type(delta)(delta.kind, delta.id, fields=fields) if fields else None


def _not_holding(state: AppState, delta: Delta) -> list[Place]:
    if isinstance(delta, LabelsDelta):
        labels = state.labels.get(delta.model_id, {})
        return [("labels", delta.model_id, str(i)) for i, value in delta.old.items() if labels.get(i) != value]
    record = state.of(delta.kind).get(delta.id)
    if delta.fields:
        if record is None:
            return [(delta.kind, delta.id)]
        return [(delta.kind, delta.id, *f.path) for f in delta.fields if field_value(record, f.path) != f.old]
    now = _comparable(record.model_dump(mode="json")) if record is not None else None
    then = _comparable(delta.old) if delta.old is not None else None
    if now == then:
        return []
    if now is None or then is None:
        return [(delta.kind, delta.id)]
    return [(delta.kind, delta.id, name) for name in now if now[name] != then.get(name)]


def _comparable(data: Any) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in BOOKKEEPING}


def _who(connection: Connection, place: Place, after: int) -> Overwrite:
    kind, id = (Kind.MODEL, place[1]) if place[0] == "labels" else (place[0], place[1])
    for row in journal.rows_about(connection, kind, id, after=after):
        if any(_changed(delta, place) for delta in row.deltas):
            return Overwrite(place, row.actor, row.at, called(connection, row.actor))
    return Overwrite(place, None, None)


def _changed(delta: Delta, place: Place) -> bool:
    if isinstance(delta, LabelsDelta):
        return place[0] == "labels" and delta.model_id == place[1] and int(place[2]) in delta.new
    if (delta.kind, delta.id) != place[:2]:
        return False
    return not delta.fields or len(place) == 2 or any(f.path[: len(place) - 2] == place[2:] for f in delta.fields)
