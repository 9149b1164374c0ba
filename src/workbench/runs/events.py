"""What a run tells while it works: rows that only the process holding its lease may append, read by cursor.

`seq` counts from 1 within a run, over all its attempts. Rows are never changed: a resumed run writes
`resumed {attempt, from_epoch}`, and `without_superseded` drops what an earlier attempt had told about later epochs.

Kinds: `queued`, `started`, `resumed`, `progress`, `epoch`, `diagnostics`, `checkpoint`, `log`, `stopping`, `ended`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Executable, bindparam, func, insert, select, text

from workbench.clock import utc_now
from workbench.store.schema import run_events

if TYPE_CHECKING:
    from workbench.store.store import Store

MAX_PAGE = 500
_TOLD = select(run_events.c.seq, run_events.c.attempt, run_events.c.at, run_events.c.kind, run_events.c.payload).order_by(run_events.c.seq)
_AFTER = _TOLD.where(run_events.c.run_id == bindparam("run"), run_events.c.seq > bindparam("after")).limit(bindparam("most"))
"""Put together once: that costs more than to carry it out, and every look of every page that follows a run asks for it."""
SUPERSEDED_KINDS = frozenset({"epoch", "diagnostics", "progress"})
"""Kinds that speak of one epoch and lose their meaning when a resume starts again before it."""


@dataclass(frozen=True)
class NewEvent:
    """An event not yet written: its time, kind and JSON payload."""

    at: str
    kind: str
    payload: Mapping[str, Any]

    @classmethod
    def now(cls, kind: str, **payload: Any) -> NewEvent:
        """An event of this moment."""
        return cls(utc_now(), kind, payload)


@dataclass(frozen=True)
class StoredEvent:
    """An event as read: `seq` is the cursor, `attempt` the try of the run that wrote it."""

    seq: int
    attempt: int
    at: str
    kind: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class EventPage:
    """Events after a cursor, and the cursor to go on from (unchanged if nothing is new)."""

    items: tuple[StoredEvent, ...]
    next: int


def append(connection: Connection, run_id: str, attempt: int, events: Sequence[NewEvent]) -> None:
    """Append events within a write transaction. The caller has checked, in the same one, that it may."""
    if not events:
        return
    last = connection.execute(select(func.max(run_events.c.seq)).where(run_events.c.run_id == run_id)).scalar() or 0
    rows = [
        {"run_id": run_id, "seq": seq, "attempt": attempt, "at": event.at, "kind": event.kind, "payload": to_json(event.payload)}
        for seq, event in enumerate(events, last + 1)
    ]
    connection.execute(insert(run_events), rows)


_APPENDED = text(
    """
    WITH held AS (SELECT run_id, attempt FROM workers WHERE id = :worker AND run_id = :run AND attempt = :attempt FOR UPDATE),
    last AS (SELECT coalesce(max(seq), 0) AS seq FROM run_events WHERE run_id = :run)
    INSERT INTO run_events (run_id, seq, attempt, at, kind, payload)
    SELECT held.run_id, last.seq + new.place, held.attempt, new.at, new.kind, new.payload
    FROM held, last, unnest(CAST(:ats AS text[]), CAST(:kinds AS text[]), CAST(:payloads AS text[])) WITH ORDINALITY AS new(at, kind, payload, place)
    """
)
"""What `leases.check` and `append` do, in one statement of PostgreSQL's."""


def append_held(connection: Connection, worker_id: str, run_id: str, attempt: int, events: Sequence[NewEvent]) -> bool:
    """Append events (one or more) with one statement of PostgreSQL's if the worker holds the run; whether it does.

    Raises sqlalchemy's IntegrityError, and appends nothing, if somebody else appended to the run meanwhile.
    """
    given = {
        "worker": worker_id,
        "run": run_id,
        "attempt": attempt,
        "ats": [event.at for event in events],
        "kinds": [event.kind for event in events],
        "payloads": [to_json(event.payload) for event in events],
    }
    return connection.execute(_APPENDED, given).rowcount > 0


def is_last(connection: Connection, run_id: str, event: NewEvent) -> bool:
    """Whether this is the newest event of a run, as it stands in the store."""
    columns = (run_events.c.at, run_events.c.kind, run_events.c.payload)
    row = connection.execute(select(*columns).where(run_events.c.run_id == run_id).order_by(run_events.c.seq.desc()).limit(1)).first()
    return row is not None and tuple(row) == (event.at, event.kind, to_json(event.payload))


def read(store: Store, run_id: str, after: int = 0, limit: int = MAX_PAGE) -> EventPage:
    """The events of a run with `seq` greater than `after`, oldest first, at most `limit` (at most 500)."""
    items = _told(store, _AFTER, run=run_id, after=after, most=max(1, min(limit, MAX_PAGE)))
    return EventPage(items, items[-1].seq if items else after)


def latest(store: Store, run_id: str, kinds: Iterable[str]) -> tuple[StoredEvent, ...]:
    """The newest event of each of these kinds in each attempt of a run, oldest first."""
    newest = (
        select(func.max(run_events.c.seq))
        .where(run_events.c.run_id == run_id, run_events.c.kind.in_(tuple(kinds)))
        .group_by(run_events.c.attempt, run_events.c.kind)
    )
    return _told(store, _TOLD.where(run_events.c.run_id == run_id, run_events.c.seq.in_(newest)))


def without_superseded(events: Iterable[StoredEvent]) -> tuple[StoredEvent, ...]:
    """The events that still count: after a `resumed` event, what earlier attempts told about epochs past its `from_epoch` goes."""
    kept: list[StoredEvent] = []
    for event in events:
        if event.kind == "resumed":
            from_epoch = event.payload["from_epoch"]
            kept = [e for e in kept if e.kind not in SUPERSEDED_KINDS or e.payload.get("epoch", 0) <= from_epoch]
        kept.append(event)
    return tuple(kept)


def _told(store: Store, query: Executable, **given: Any) -> tuple[StoredEvent, ...]:
    """The stored events that a query with these parameters finds."""
    with store.reading_once() as connection:
        rows = connection.execute(query, given).all()
    return tuple(StoredEvent(row.seq, row.attempt, row.at, row.kind, json.loads(row.payload)) for row in rows)


def to_json(value: Any) -> str:
    """A payload as JSON text; numbers that are not finite become null, numpy scalars plain numbers."""
    return json.dumps(_plain(value), allow_nan=False, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, Iterable):
        return [_plain(entry) for entry in value]
    return str(value)
