"""Reading the whole state from its tables, and bringing a cached one up to date from the journal's tail."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, func, select

from workbench.collecting import keep_what_is_loaded, without_collecting
from workbench.state import AppState
from workbench.store import journal, schema
from workbench.store.apply import apply, labels_key
from workbench.store.deltas import changes_of
from workbench.store.errors import StoreError
from workbench.store.label_map import LabelMap, label_value
from workbench.store.reading import Reader

LONGEST_TAIL = 2000
"""A state further behind than this is read anew, which is faster than following."""

ROWS_AT_ONCE = 200
"""Records whose texts are in memory at a time."""

MANY = 10_000
"""Records and labels from which on later garbage collections pass over a state."""

_HEAD = select(func.max(schema.journal.c.seq))
"""Put together once: that costs more than to carry it out, and every look of every open page asks for it."""


def head(connection: Connection) -> int:
    """The journal's last number."""
    return connection.execute(_HEAD).scalar() or 0


def whole_state(connection: Connection) -> AppState:
    """The state as the tables hold it, read within one transaction."""
    # Hundreds of thousands of objects are made and none is garbage: collecting meanwhile doubles the time.
    with without_collecting():
        state = _whole_state(connection)
    if sum(map(len, state.records.values())) + sum(map(len, state.labels.values())) > MANY:
        # a command would wait a fifth of a second wherever one of its objects makes the collector look at all of these
        keep_what_is_loaded()
    return state


def _whole_state(connection: Connection) -> AppState:
    version = head(connection)
    versions: dict[str, int] = {}
    records: dict[str, dict[str, Any]] = {}
    read: dict[str, Any] = {}
    table = schema.entities
    # by the primary key: any other order has the database sort all texts
    rows = select(table.c.kind, table.c.id, table.c.record, table.c.seq).order_by(table.c.kind, table.c.id)
    # the texts of all records together take several times the memory of what is read from them
    for kind_name, id, text, seq in connection.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)):
        if kind_name not in records:
            records[kind_name], read[kind_name] = {}, Reader(kind_name)
        try:
            record = read[kind_name](text)
        except ValidationError as error:
            sentence = f"The store is damaged: the {kind_name} {id} cannot be read. Restore the store from a backup."
            raise StoreError(sentence) from error
        # the record's own text of its id: one less for each record
        records[kind_name][record.id] = record
        versions[record.id] = seq
    labels: dict[str, dict[int, Any]] = {}
    table = schema.labels
    columns = select(table.c.model_id, table.c.index, table.c.label, table.c.source, table.c.seq)
    for model_id, index, label, source, seq in connection.execute(columns):
        key = labels_key(model_id)
        if seq > versions.get(key, 0):
            versions[key] = seq
        if label is not None:
            labels.setdefault(model_id, {})[index] = label_value(label, source)
    return AppState(
        version=version,
        records=MappingProxyType({kind: MappingProxyType(of_kind) for kind, of_kind in records.items()}),
        labels=MappingProxyType({model_id: LabelMap(of_model) for model_id, of_model in labels.items()}),
        versions=MappingProxyType(versions),
    )


def caught_up(connection: Connection, state: AppState | None) -> AppState:
    """The newest state: `state` plus the journal's tail, or read anew if it is None or far behind."""
    if state is None:
        return whole_state(connection)
    last = head(connection)
    if last == state.version:
        return state
    if not 0 < last - state.version <= LONGEST_TAIL:  # far behind, or the database went back to an earlier copy
        return whole_state(connection)
    for seq, deltas in journal.tail(connection, state.version):
        state = apply(state, changes_of(state, deltas), seq)
    return state
