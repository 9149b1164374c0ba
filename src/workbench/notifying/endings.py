"""Which runs have ended since a row of the journal."""

from __future__ import annotations

from workbench.state import AppState, Kind, RunRecord, RunState
from workbench.store import journal
from workbench.store.deltas import RecordDelta
from workbench.store.store import Store


def ended_since(store: Store, state: AppState, seq: int, farthest: int) -> tuple[RunRecord, ...]:
    """The runs that ended after that row and still stand as ended, in their order; only of the last `farthest` rows."""
    if state.version <= seq:
        return ()
    with store.reading() as connection:
        rows = journal.tail(connection, max(seq, state.version - farthest))
    ids = dict.fromkeys(id for _, deltas in rows for delta in deltas if (id := _ended_run(delta)))
    found = (state.runs[id] for id in ids if id in state.runs)
    return tuple(run for run in found if not run.state.active and run.deleted_at is None)


def _ended_run(delta: object) -> str | None:
    """The id of a run that a change has end."""
    if not isinstance(delta, RecordDelta) or delta.kind != Kind.RUN:
        return None
    new = next((field.new for field in delta.fields if field.path == ("state",)), None)
    return delta.id if new is not None and not RunState(new).active else None
