"""The journal's rows: appending one with everything it changes, reading the tail, the history, and what Undo is about."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Executable, Row, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from workbench.commands.base import Among, Command, arguments_of
from workbench.state import AppState, Kind
from workbench.store import schema
from workbench.store.deltas import Delta, Deltas, LabelsDelta, inverted, read_deltas, subjects_of, write_changes

_ROWS_AT_ONCE = 2000

Write = tuple[Executable, Sequence[Mapping[str, Any]]]
"""A statement and the rows of parameters that it is executed with."""

_THE_ENTITY = (schema.entities.c.kind == bindparam("of_kind")) & (schema.entities.c.id == bindparam("of_id"))
_INSERT_ROW, _INSERT_SUBJECT, _INSERT_ENTITY = insert(schema.journal), insert(schema.subjects), insert(schema.entities)
_UPDATE_ENTITY = update(schema.entities).where(_THE_ENTITY).values(record=bindparam("new_record"), seq=bindparam("new_seq"))
_DELETE_ENTITY = delete(schema.entities).where(_THE_ENTITY)
"""Put together once: that costs more than to carry them out."""


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


def writes_of(
    state: AppState, at: str, actor: str, command: Command, words: str, deltas: Deltas, links: dict[str, int], for_sqlite: bool
) -> list[Write]:
    """What a command writes that leads to `state`: its row, its subjects, and the entity and label tables for what the deltas touched.

    `links` holds `undoes` or `redoes` for Undo and Redo.
    """
    row = {
        "seq": state.version,
        "at": at,
        "actor": actor,
        "command": type(command).__name__,
        "words": words,
        "arguments": json.dumps(arguments_of(command), separators=(",", ":"), allow_nan=False),
        "changes": write_changes(deltas),
        "inverse": write_changes(inverted(deltas)),
        "undoable": command.undoable,
        "undoes": None,
        "redoes": None,
        **links,
    }
    touched = [{"kind": str(kind), "id": id, "seq": state.version} for kind, id in subjects_of(deltas)]
    return [(_INSERT_ROW, [row]), (_INSERT_SUBJECT, touched), *_current(state, deltas, for_sqlite)]


def _current(state: AppState, deltas: Deltas, for_sqlite: bool) -> Iterator[Write]:
    for delta in deltas:
        if isinstance(delta, LabelsDelta):
            rows = [
                {"model_id": delta.model_id, "index": i, "label": v and v.label, "source": v and v.source, "seq": state.version}
                for i, v in delta.new.items()
            ]
            yield _upsert_statement(schema.labels, ("model_id", "index"), for_sqlite), rows
        elif delta.new is None and not delta.fields:
            yield _DELETE_ENTITY, [{"of_kind": str(delta.kind), "of_id": delta.id}]
        else:
            record = state.of(delta.kind)[delta.id].model_dump_json()
            if delta.fields:
                yield _UPDATE_ENTITY, [{"of_kind": str(delta.kind), "of_id": delta.id, "new_record": record, "new_seq": state.version}]
            else:
                yield _INSERT_ENTITY, [{"kind": str(delta.kind), "id": delta.id, "record": record, "seq": state.version}]


def write(connection: Connection, writes: Iterable[Write]) -> None:
    """Execute statements one after the other."""
    for statement, rows in writes:
        connection.execute(statement, rows)


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
