"""What keeps an active run from telling anything: nobody can write it down, so it is seen from outside."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import make_url

from workbench.clock import utc_now
from workbench.runs import leases
from workbench.runs.celery.queues import queue_of
from workbench.runs.queueing import taker_command
from workbench.settings import Settings
from workbench.state import RunRecord, RunState
from workbench.store.store import Store

LITTLE_BYTES = 1024 * 1024
"""Free space below which a disk counts as full: no checkpoint and hardly a row of the store fits."""

SILENT_SECONDS = 5.0
"""How long a worker may be late with its heartbeat before it is said."""


def obstacle(store: Store, settings: Settings, run: RunRecord) -> str | None:
    """Why an active run may stand still, in a sentence; None while nothing is known to be in its way."""
    if not run.state.active:
        return None
    for folder in _folders(settings):
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            continue
        if free < LITTLE_BYTES:
            return f"The disk of {folder} is full, so nothing of this run can be written. Free some space; it then goes on by itself."
    if run.state is RunState.QUEUED:
        return _nobody(settings, run) if nobody_takes(store, settings, run) else None
    with store.reading() as connection:
        rows = leases.rows(connection)
    row = next((row for row in rows if row.run_id == run.id and row.attempt == run.attempt), None)
    late = row.seconds_past_lease(utc_now()) if row is not None else 0.0
    if row is None or late < SILENT_SECONDS:
        return None
    there = " Its process is there, but may be suspended or unable to write to the store." if _is_there(row, settings.host_name) else ""
    return f"Its worker has given no sign of life for {late + row.lease_seconds:.0f} seconds.{there}"


def nobody_takes(store: Store, settings: Settings, run: RunRecord) -> bool:
    """Whether a run is queued for other hosts, and none of them has taken a task, nor works on a run of its framework."""
    if settings.executor == "local" or run.state is not RunState.QUEUED:
        return False
    now = utc_now()
    with store.reading() as connection:
        return not any(row.framework == run.framework and row.seconds_past_lease(now) < 0 for row in leases.rows(connection))


def _nobody(settings: Settings, run: RunRecord) -> str:
    command = taker_command(settings, run.framework)
    if settings.executor == "crew":
        return f"No crew takes runs of {run.framework}. Start `{command}` for each process of one, with its own rank; the run then begins by itself."
    queue = queue_of(settings, run.framework)
    return (
        f"No worker takes runs from {queue}, or the broker does not answer; `trellis doctor` says which. "
        f"Start `{command}` on a host that may train; the run then begins by itself."
    )


def _folders(settings: Settings) -> tuple[Path, ...]:
    """Where a run writes: the artefacts at first or for good, and the store if it is a file."""
    url = make_url(settings.database_url)
    stored = (Path(url.database).parent,) if url.get_backend_name() == "sqlite" and url.database else ()
    return tuple(dict.fromkeys((*stored, settings.written)))


def _is_there(row: leases.WorkerRow, host: str) -> bool:
    return row.host == host and row.pid != 0 and row.process.alive()
