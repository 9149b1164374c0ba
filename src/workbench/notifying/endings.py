"""Which runs and sweeps have ended since a row of the journal."""

from __future__ import annotations

from workbench.state import AppState, Kind, RunRecord, RunState
from workbench.store import journal
from workbench.store.deltas import RecordDelta
from workbench.store.store import Store
from workbench.sweeps.records import KIND as SWEEP
from workbench.sweeps.records import SweepRecord

Ended = RunRecord | SweepRecord


def ended_since(store: Store, state: AppState, seq: int, farthest: int, *, trials: bool = False) -> tuple[Ended, ...]:
    """The runs and sweeps that ended after that row and still stand as ended, in their order; only of the last `farthest` rows.

    Args:
        trials: whether runs that are trials of a sweep count: there may be a thousand, and the sweep's end tells of them all.
    """
    if state.version <= seq:
        return ()
    with store.reading() as connection:
        rows = journal.tail(connection, max(seq, state.version - farthest))
    keys = dict.fromkeys(key for _, deltas in rows for delta in deltas if (key := _ended(delta)))
    found = (state.of(kind).get(id) for kind, id in keys)
    return tuple(record for record in found if isinstance(record, Ended) and _tells(record, trials))


def _tells(record: Ended, trials: bool) -> bool:
    if record.deleted_at is not None:
        return False
    if isinstance(record, SweepRecord):
        return record.state != "running"
    return not record.state.active and (trials or record.trial is None)


def _ended(delta: object) -> tuple[str, str] | None:
    """(kind, id) of a run or a sweep that a change has end."""
    if not isinstance(delta, RecordDelta) or delta.kind not in (Kind.RUN, SWEEP):
        return None
    new = next((field.new for field in delta.fields if field.path == ("state",)), None)
    goes_on = new == "running" if delta.kind == SWEEP else new is not None and RunState(new).active
    return (str(delta.kind), delta.id) if new is not None and not goes_on else None
