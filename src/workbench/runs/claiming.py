"""Claiming the oldest queued run, within the number of runs that may train at once on this host."""

from __future__ import annotations

from sqlalchemy import Connection

from workbench.commands.run_progress import ClaimRunCommand
from workbench.runs import leases
from workbench.runs.executor import is_waiting
from workbench.runs.held import ACTOR, HeldRun
from workbench.runs.job import LeaseLost
from workbench.runs.leases import Lease
from workbench.runs.queueing import queued_runs
from workbench.settings import Settings
from workbench.store.store import Store


def claim(store: Store, settings: Settings, worker_id: str, framework: str, host: str) -> HeldRun | None:
    """Claim the oldest queued run of that framework for this worker; None if there is none or too many train already.

    Two workers that ask at once get two different runs, or one of them none. Raises LeaseLost if the worker was written off.
    """
    if not queued_runs(store.state(), framework):
        return None
    with store.reading() as connection:
        if not _room(connection, settings, host):
            return None
    with store.transaction() as connection:
        if leases.row(connection, worker_id) is None:
            raise LeaseLost(f"worker {worker_id} was written off")
        queued = queued_runs(store.state(), framework)
        if not queued or not _room(connection, settings, host):
            return None
        run = queued[0]
        lease = Lease(worker_id, run.id, run.attempt)
        store.execute(ClaimRunCommand(run_id=run.id, attempt=run.attempt), actor=ACTOR, connection=connection)
        leases.take(connection, lease, settings.lease_seconds)
    return HeldRun(store, lease, settings.lease_seconds)


def leave_if_unneeded(store: Store, worker_id: str, framework: str, host: str, *, idle_too_long: bool) -> bool:
    """Take an idle worker's row away if it is not needed; True if it is gone and the process shall end.

    It is not needed if it has been idle for too long, or if another worker of the framework waits too; never while a
    run is queued that it could claim.
    """
    with store.transaction() as connection:
        if queued_runs(store.state(), framework):
            return False
        others = [row for row in leases.rows(connection) if row.id != worker_id and row.host == host and row.framework == framework]
        another_waits = any(is_waiting(row) and not row.gone(host) for row in others)
        return (idle_too_long or another_waits) and leases.remove(connection, worker_id)


def _room(connection: Connection, settings: Settings, host: str) -> bool:
    busy = [row for row in leases.rows(connection) if row.host == host and row.state == "busy" and not row.gone(host)]
    return len(busy) < settings.max_concurrent_runs
