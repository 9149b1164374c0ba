"""Events of runs that ended long ago: their rows give way to `metrics.parquet` and `log.txt`, and cursors read on from there.

The last row of a run stays, so that a resume goes on counting. Small live diagnostics are not kept: a run's page draws
them from the bundle by then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select

from workbench.artefacts import ArtefactRoot
from workbench.clock import from_text
from workbench.runs import events, folder
from workbench.runs.events import EventPage, StoredEvent
from workbench.state import AppState, RunRecord
from workbench.store.schema import run_events
from workbench.store.store import Store

KEEP_DAYS = 7

_FIRST = select(func.min(run_events.c.seq)).where(run_events.c.run_id == bindparam("run"))
"""Put together once: pages that follow a run ask for it with every look that finds nothing new."""

_LINE = re.compile(r"(?P<at>\S+) #(?P<seq>\d+) attempt (?P<attempt>\d+) (?P<kind>\w+)(?P<colon>:?) ?(?P<text>.*)", re.DOTALL)


def archive_old(store: Store, artefacts: ArtefactRoot, now: datetime | None = None) -> int:
    """Remove the rows of every run that ended a week ago and whose files tell the same. Returns how many runs that were."""
    before = (now or datetime.now(UTC)) - timedelta(days=KEEP_DAYS)
    archived = 0
    for run in _old(store.state(), before):
        if not _files_tell(artefacts, run):
            continue
        with store.transaction() as connection:
            # It may have been resumed since it was looked at.
            if store.state().runs[run.id] == run and _drop(connection, run.id):
                archived += 1
    return archived


def read(store: Store, artefacts: ArtefactRoot, run_id: str, after: int, limit: int) -> EventPage:
    """A run's events after a cursor, from its rows and, where they have given way, from its files."""
    limit = max(1, min(limit, events.MAX_PAGE))
    page = events.read(store, run_id, after, limit)
    # the last row always stays, so that nothing was put away after a cursor that no row is after
    if not page.items or page.items[0].seq == after + 1:
        return page
    kept = _first_row(store, run_id)
    if kept is None or after + 1 >= kept:
        return page
    filed = [event for event in _filed(artefacts, run_id) if after < event.seq < kept]
    items = tuple([*filed, *page.items][:limit])
    return EventPage(items, items[-1].seq if items else after)


def read_all(store: Store, artefacts: ArtefactRoot, run_id: str) -> tuple[StoredEvent, ...]:
    """Every event of a run, oldest first, wherever it is kept."""
    items: list[StoredEvent] = []
    while page := read(store, artefacts, run_id, items[-1].seq if items else 0, events.MAX_PAGE).items:
        items.extend(page)
    return tuple(items)


def _old(state: AppState, before: datetime) -> Iterator[RunRecord]:
    for run in state.runs.values():
        if not run.state.active and run.ended_at is not None and from_text(run.ended_at) < before:
            yield run


def _files_tell(artefacts: ArtefactRoot, run: RunRecord) -> bool:
    """Whether the run's files were written at its end; those of a run that was killed were not, so its rows stay."""
    listed = {entry.name for entry in folder.read_manifest(artefacts, run.id)}
    return "log.txt" in listed and ("metrics.parquet" in listed or run.epochs_done == 0)


def _drop(connection: Connection, run_id: str) -> bool:
    last = connection.execute(select(func.max(run_events.c.seq)).where(run_events.c.run_id == run_id)).scalar()
    if last is None:
        return False
    return connection.execute(delete(run_events).where(run_events.c.run_id == run_id, run_events.c.seq < last)).rowcount > 0


def _first_row(store: Store, run_id: str) -> int | None:
    with store.reading_once() as connection:
        return connection.execute(_FIRST, {"run": run_id}).scalar()


def _filed(artefacts: ArtefactRoot, run_id: str) -> list[StoredEvent]:
    """Every event that the run's files tell, oldest first."""
    base = folder.folder_of(run_id)
    found: list[StoredEvent] = []
    if artefacts.exists(f"{base}/metrics.parquet"):
        found += _epochs(artefacts.read_bytes(f"{base}/metrics.parquet"))
    if artefacts.exists(f"{base}/log.txt"):
        found += _lines(artefacts.read_bytes(f"{base}/log.txt").decode())
    return sorted(found, key=lambda event: event.seq)


def _epochs(table: bytes) -> Iterator[StoredEvent]:
    import io

    import polars

    for row in polars.read_parquet(io.BytesIO(table)).iter_rows(named=True):
        seq, attempt, at = row.pop("seq"), row.pop("attempt"), row.pop("at")
        payload = {name: row.pop(name) for name in folder.EPOCH_COLUMNS}
        yield StoredEvent(seq, attempt, at, "epoch", {**payload, "metrics": row})


def _lines(text: str) -> Iterator[StoredEvent]:
    """The lines of a log as events; a line that was changed by hand and cannot be read is left out."""
    for line in text.replace("\n" + folder.CONTINUED, "\0").splitlines():
        match = _LINE.fullmatch(line.replace("\0", "\n"))
        if match is None:
            continue
        kind, said = match["kind"], match["text"]
        payload = {"level": kind, "message": said} if match["colon"] else _object(said)
        yield StoredEvent(int(match["seq"]), int(match["attempt"]), match["at"], "log" if match["colon"] else kind, payload)


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
