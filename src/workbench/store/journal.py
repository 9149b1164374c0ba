"""The journal's rows: appending one with everything it changes, reading the tail, the history, and what Undo is about."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from workbench.commands.base import Among, Command, arguments_of
from workbench.state import AppState, Kind
from workbench.store import schema
from workbench.store.deltas import Delta, Deltas, LabelsDelta, inverted, read_deltas, subjects_of, write_changes
from workbench.store.engine import is_sqlite

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class JournalRow:
    """One executed command as the journal keeps it."""

    seq: int
    at: str
    actor: str
    command: str
    words: str
    deltas: Deltas
    undoable: bool
    undoes: int | None = None
    redoes: int | None = None


def append(
    connection: Connection, seq: int, at: str, actor: str, command: Command, words: str, deltas: Deltas, links: dict[str, int]
) -> None:
    """Write a command's row and its subjects. `links` holds `undoes` or `redoes` for Undo and Redo."""
    row = {
        "seq": seq,
        "at": at,
        "actor": actor,
        "command": type(command).__name__,
        "words": words,
        "arguments": json.dumps(arguments_of(command), separators=(",", ":"), allow_nan=False),
        "changes": write_changes(deltas),
        "inverse": write_changes(inverted(deltas)),
        "undoable": command.undoable,
        **links,
    }
    connection.execute(insert(schema.journal), row)
    touched = [{"kind": str(kind), "id": id, "seq": seq} for kind, id in subjects_of(deltas)]
    connection.execute(insert(schema.subjects), touched)


def store_current(connection: Connection, state: AppState, deltas: Deltas) -> None:
    """Bring the entity and label tables to `state`, for what the deltas touched."""
    for delta in deltas:
        if isinstance(delta, LabelsDelta):
            rows = [
                {"model_id": delta.model_id, "index": i, "label": v and v.label, "source": v and v.source, "seq": state.version}
                for i, v in delta.new.items()
            ]
            _upsert(connection, schema.labels, rows, ("model_id", "index"))
        elif delta.new is None and not delta.fields:
            key = (schema.entities.c.kind == str(delta.kind)) & (schema.entities.c.id == delta.id)
            connection.execute(delete(schema.entities).where(key))
        else:
            record = state.of(delta.kind)[delta.id]
            row = {"kind": str(delta.kind), "id": delta.id, "record": record.model_dump_json(), "seq": state.version}
            if delta.fields:
                key = (schema.entities.c.kind == str(delta.kind)) & (schema.entities.c.id == delta.id)
                connection.execute(update(schema.entities).where(key).values(record=row["record"], seq=row["seq"]))
            else:
                connection.execute(insert(schema.entities), row)


def tail(connection: Connection, after: int) -> list[tuple[int, Deltas]]:
    """(seq, deltas) of the rows after a journal number, oldest first."""
    table = schema.journal
    query = select(table.c.seq, table.c.changes, table.c.inverse).where(table.c.seq > after).order_by(table.c.seq)
    return [(row.seq, read_deltas(row.changes, row.inverse)) for row in connection.execute(query)]


def row(connection: Connection, seq: int) -> JournalRow | None:
    """One row, or None."""
    found = connection.execute(select(schema.journal).where(schema.journal.c.seq == seq)).first()
    return _row(found) if found is not None else None


def rows_about(
    connection: Connection, kind: str, id: str, *, after: int = 0, before: int | None = None, limit: int | None = None
) -> Iterator[JournalRow]:
    """The rows between two journal numbers that touched an entity (its labels included), newest first."""
    s, j = schema.subjects, schema.journal
    query = (
        select(j)
        .join(s, s.c.seq == j.c.seq)
        .where(s.c.kind == str(kind), s.c.id == id, s.c.seq > after)
        .order_by(s.c.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(s.c.seq < before)
    for found in connection.execute(query):
        yield _row(found)


def arguments_about(connection: Connection, kind: str, id: str, command: str) -> Iterator[dict[str, Any]]:
    """What one kind of command was given, of those that touched an entity, oldest first."""
    s, j = schema.subjects, schema.journal
    query = select(j.c.arguments).join(s, s.c.seq == j.c.seq).where(s.c.kind == str(kind), s.c.id == id, j.c.command == command)
    for found in connection.execute(query.order_by(s.c.seq)):
        yield json.loads(found.arguments)


def next_to(
    connection: Connection, walk: Literal["undo", "redo"], actor: str, among: Among | None = None, without: Collection[int] = ()
) -> int | None:
    """The journal number of the row that the actor's next Undo takes back, or next Redo brings again; None if there is none.

    Walking back through the actor's undoable rows, Undos and Redos: the newest word on each row says whether it is undone.
    A new undoable row ends what could be redone.

    Args:
        among: only these rows count, and the Undos and Redos of them; None: all. without: rows that are passed by.
    """
    j = schema.journal
    columns = select(j.c.seq, j.c.undoes, j.c.redoes)
    if among is not None:
        meant, s = j.alias("meant"), schema.subjects
        columns = (
            columns.join(meant, meant.c.seq == func.coalesce(j.c.undoes, j.c.redoes, j.c.seq))
            .join(s, s.c.seq == meant.c.seq)
            .where(s.c.kind == among.kind, s.c.id == among.id, meant.c.command.in_(among.commands))
        )
    before = None
    undone: dict[int, bool] = {}
    while True:
        query = columns.where(j.c.actor == actor, schema.WALKED)
        if before is not None:
            query = query.where(j.c.seq < before)
        found = connection.execute(query.order_by(j.c.seq.desc()).limit(_ROWS_AT_ONCE)).all()
        for seq, undoes, redoes in found:
            if undoes is not None:
                if undone.setdefault(undoes, True) and walk == "redo" and undoes not in without:
                    return undoes
            elif redoes is not None:
                undone.setdefault(redoes, False)
            elif walk == "redo":
                return None
            elif not undone.get(seq, False) and seq not in without:
                return seq
        if len(found) < _ROWS_AT_ONCE:
            return None
        before = found[-1].seq


def _row(found: Row[Any]) -> JournalRow:
    return JournalRow(
        found.seq, found.at, found.actor, found.command, found.words, read_deltas(found.changes, found.inverse),
        found.undoable, found.undoes, found.redoes,
    )  # fmt: skip


def _upsert(connection: Connection, table: Table, rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
    connection.execute(_upsert_statement(table, key, is_sqlite(connection)), rows)


@cache
def _upsert_statement(table: Table, key: tuple[str, ...], for_sqlite: bool) -> Any:
    statement = (sqlite.insert if for_sqlite else postgresql.insert)(table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=others)


def touches(delta: Delta, kind: str, id: str) -> bool:
    """Whether a delta is about an entity or its labels."""
    if isinstance(delta, LabelsDelta):
        return kind == Kind.MODEL and delta.model_id == id
    return delta.kind == kind and delta.id == id
