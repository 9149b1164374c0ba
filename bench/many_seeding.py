"""Fills a store with very many runs and their events at once, in its own tables, as years of a team's use would.

The store's own commands would take hours for what a few statements do here. What they write is taken from a run and a model that were
made in the ordinary way, so that every row is one that Trellis reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from bench.runs import told_epoch
from bench.seeding import ACTOR, add_runs, first_model, variation
from workbench.clock import to_text
from workbench.ids import counter_id, new_id
from workbench.runs.events import to_json
from workbench.settings import Settings
from workbench.state import Kind, ModelRecord, RunRecord
from workbench.store import schema
from workbench.store.deltas import RecordDelta, inverted, write_changes
from workbench.workbench import Workbench

ROWS_AT_ONCE = 2_000
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
SEEDS = 100
"""Seeds with which one model's settings are tried, if runs do not each have settings of their own."""


def fill(home: Path, runs: int, events: int, *, models: int = 50, own_settings: bool = False, database: str | None = None) -> None:
    """Fill a store with ended runs of some models, with an event an epoch.

    Args:
        home: the home folder. runs: how many. events: of each run. models: whose runs they are, one after the other.
        own_settings: every run has a seed of its own in its settings, so that no two have the same. database: the store's address.
    """
    given = {} if database is None else {"database_url": database}
    bench = Workbench.open(Settings.load(home=home, **given))
    first = first_model(bench)
    add_runs(bench, first, 1, varied=True)
    (run,) = bench.state().runs.values()
    copies = [
        first,
        *(first.model_copy(update={"id": new_id(Kind.MODEL), "number": n, "name": f"Model {n}"}) for n in range(2, models + 1)),
    ]
    with bench.store.transaction() as connection:
        _put(connection, Kind.MODEL, iter(copies[1:]))
        _put(connection, Kind.RUN, _runs(run, copies, runs - 1, own_settings))
        for kind, count in ((Kind.MODEL, models), (Kind.RUN, runs)):
            counter = bench.state().counters[counter_id(kind)].model_copy(update={"value": count})
            connection.execute(schema.entities.update().where(schema.entities.c.id == counter.id).values(record=counter.model_dump_json()))
    if events:
        with bench.store.transaction() as connection:
            _tell(connection, events)
    if database is None:
        with bench.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    bench.close()


def _runs(source: RunRecord, models: list[ModelRecord], count: int, own_settings: bool) -> Iterator[RunRecord]:
    each = -(-count // len(models))
    for place in range(count):
        model, number = models[place // each], place + 2
        of_model = number if own_settings else place % each % (12 * SEEDS)
        values = variation(model, of_model)
        ended = FIRST_DAY + timedelta(minutes=place)
        values |= {
            "created_at": to_text(ended - timedelta(minutes=2)),
            "started_at": to_text(ended - timedelta(seconds=90)),
            "ended_at": to_text(ended),
        }
        subject = source.subject.model_copy(update={"id": model.id})
        yield source.model_copy(update={"id": new_id(Kind.RUN), "number": number, "subject": subject, "key": model.id, **values})


def _put(connection: Connection, kind: str, records: Iterator[Any]) -> None:
    """Write records as commands of one record each would have."""
    seq = connection.execute(select(func.max(schema.journal.c.seq))).scalar() or 0
    rows: dict[Any, list[dict[str, Any]]] = {schema.entities: [], schema.journal: [], schema.subjects: []}
    for record in records:
        seq += 1
        deltas = (RecordDelta(kind, record.id, None, record.model_dump(mode="json")),)
        rows[schema.entities].append({"kind": str(kind), "id": record.id, "record": record.model_dump_json(), "seq": seq})
        rows[schema.subjects].append({"kind": str(kind), "id": record.id, "seq": seq})
        rows[schema.journal].append(
            {
                "seq": seq, "at": record.created_at, "actor": ACTOR, "command": "AddRuns", "words": f"Added {kind} {record.number}", "arguments": "{}",
                "changes": write_changes(deltas), "inverse": write_changes(inverted(deltas)), "undoable": False, "undoes": None, "redoes": None,
            }
        )  # fmt: skip
        if len(rows[schema.entities]) == ROWS_AT_ONCE:
            _write(connection, rows)
    _write(connection, rows)


def _write(connection: Connection, rows: dict[Any, list[dict[str, Any]]]) -> None:
    for table, of_table in rows.items():
        if of_table:
            connection.execute(insert(table), of_table)
        of_table.clear()


def _tell(connection: Connection, events: int) -> None:
    """Give every run the same events: one row each is written, and the database multiplies them."""
    told = [told_epoch(epoch, epoch) for epoch in range(1, events + 1)]
    connection.execute(text("CREATE TEMPORARY TABLE told (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, payload TEXT)"))
    rows = [{"seq": seq, "at": event.at, "kind": event.kind, "payload": to_json(event.payload)} for seq, event in enumerate(told, 1)]
    connection.execute(text("INSERT INTO told VALUES (:seq, :at, :kind, :payload)"), rows)
    columns = "run_id, seq, attempt, at, kind, payload"
    chosen = "SELECT e.id, t.seq, 1, t.at, t.kind, t.payload FROM entities e CROSS JOIN told t WHERE e.kind = 'run' ORDER BY e.id, t.seq"
    connection.execute(text(f"INSERT INTO run_events ({columns}) {chosen}"))
