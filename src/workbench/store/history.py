"""History: who changed an entity, what and when, and what it was at any earlier moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from workbench.state import Record
from workbench.store import journal
from workbench.store.deltas import ABSENT, BOOKKEEPING, Delta, LabelsDelta, with_fields
from workbench.store.upgrades import read_record


@dataclass(frozen=True)
class FieldChange:
    """One change in a history entry: `training.learning_rate`, or `labels.12`, from old to new (None: nothing there)."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True)
class HistoryEntry:
    """One journal row as far as it touched an entity."""

    seq: int
    at: str
    actor: str
    command: str
    words: str
    changes: tuple[FieldChange, ...]


def entries_about(connection: Connection, kind: str, id: str, limit: int | None, after: int = 0) -> list[HistoryEntry]:
    """The entries about an entity and its labels after a journal number, newest first."""
    return [
        HistoryEntry(
            row.seq, row.at, row.actor, row.command, row.words,
            tuple(change for delta in row.deltas if journal.touches(delta, kind, id) for change in _field_changes(delta)),
        )
        for row in journal.rows_about(connection, kind, id, after=after, limit=limit)
    ]  # fmt: skip


def record_at(connection: Connection, kind: str, id: str, seq: int, current: Record | None) -> Any:
    """The record as it was at a journal number, found by taking back what came later."""
    record: Any = current
    for row in journal.rows_about(connection, kind, id, after=seq):
        for delta in reversed(row.deltas):
            if isinstance(delta, LabelsDelta) or not journal.touches(delta, kind, id):
                continue
            if delta.fields:
                assert record is not None
                record = with_fields(record, ((f.path, f.old) for f in delta.fields))
            else:
                record = read_record(kind, delta.old) if delta.old is not None else None
    return record


def _field_changes(delta: Delta) -> list[FieldChange]:
    if isinstance(delta, LabelsDelta):
        return [
            FieldChange(f"labels.{index}", old.label if (old := delta.old.get(index)) else None, new.label if new else None)
            for index, new in delta.new.items()
        ]
    if delta.fields:
        return [FieldChange(".".join(f.path), _shown(f.old), _shown(f.new)) for f in delta.fields if f.path[0] not in BOOKKEEPING]
    old, new = delta.old or {}, delta.new or {}
    return [FieldChange(name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new]) if name not in BOOKKEEPING]


def _shown(value: Any) -> Any:
    return None if value is ABSENT else value
