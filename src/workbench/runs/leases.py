"""Which worker process holds which run: rows of the `workers` table, changed only within write transactions.

A worker holds a run's lease while its row names that run and attempt. Whoever takes a run over removes the row in the
same transaction, so a process that wakes late finds its lease gone before it can write anything. A worker's heartbeats
and events are statements of their own: where no lock of the store holds them off (PostgreSQL), the lock of the row does.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from workbench.clock import from_text, to_text, utc_now
from workbench.runs.job import LeaseLost
from workbench.runs.process import ProcessIdentity
from workbench.store.schema import workers

WorkerState = Literal["starting", "idle", "busy"]

_IDLE = {"state": "idle", "run_id": None, "attempt": None}


@dataclass(frozen=True)
class Lease:
    """The right to work on one attempt of one run."""

    worker_id: str
    run_id: str
    attempt: int


@dataclass(frozen=True)
class WorkerRow:
    """One row of the workers table. `pid` is 0 until an announced process has registered."""

    id: str
    host: str
    pid: int
    process_started: float
    framework: str
    state: WorkerState
    run_id: str | None
    attempt: int | None
    lease_expires_at: str
    heartbeat_at: str
    started_at: str
    rate: float | None

    @property
    def process(self) -> ProcessIdentity:
        """The process behind the row."""
        return ProcessIdentity(self.pid, self.process_started)

    def gone(self, host: str) -> bool:
        """Whether this host knows that the process no longer exists; False for other hosts' and for announced ones."""
        return self.host == host and self.pid != 0 and not self.process.alive()

    @property
    def lease_seconds(self) -> float:
        """How long the lease holds after a heartbeat."""
        return (from_text(self.lease_expires_at) - from_text(self.heartbeat_at)).total_seconds()

    def seconds_past_lease(self, now: str) -> float:
        """Seconds since the lease ran out; negative while it holds."""
        return (from_text(now) - from_text(self.lease_expires_at)).total_seconds()


def rows(connection: Connection) -> tuple[WorkerRow, ...]:
    """Every worker, oldest first."""
    found = connection.execute(select(workers).order_by(workers.c.started_at, workers.c.id))
    return tuple(WorkerRow(**row._mapping) for row in found)


def row(connection: Connection, worker_id: str, *, keep: bool = False) -> WorkerRow | None:
    """One worker, or None if its row is gone. `keep`: have it stay as it is until this write transaction ends."""
    query = select(workers).where(workers.c.id == worker_id)
    found = connection.execute(query.with_for_update() if keep else query).first()
    return None if found is None else WorkerRow(**found._mapping)


def new_worker_id() -> str:
    """A fresh id for a worker."""
    return f"worker_{secrets.token_hex(8)}"


def announce(connection: Connection, worker_id: str, framework: str, host: str, lease_seconds: float) -> None:
    """Enter a worker that is about to be started, so that nobody else starts a second one meanwhile."""
    _enter(connection, worker_id, framework, host, ProcessIdentity(0, 0.0), lease_seconds)


def register(connection: Connection, worker_id: str, framework: str, host: str, process: ProcessIdentity, lease_seconds: float) -> None:
    """Enter the process itself, in place of its announcement if that is still there."""
    connection.execute(delete(workers).where(workers.c.id == worker_id))
    _enter(connection, worker_id, framework, host, process, lease_seconds)


def take(connection: Connection, lease: Lease, lease_seconds: float) -> None:
    """Give the worker's row the run. Raises LeaseLost if the row is gone."""
    _change(connection, lease.worker_id, {"state": "busy", "run_id": lease.run_id, "attempt": lease.attempt, **_renewed(lease_seconds)})


def check(connection: Connection, lease: Lease) -> None:
    """Make sure, within a write transaction, that the lease is still held. Raises LeaseLost."""
    if connection.execute(select(workers.c.id).where(*_holding(lease)).with_for_update()).first() is None:
        raise lost(lease)


def lost(lease: Lease) -> LeaseLost:
    """What a worker is told whose run is no longer its own."""
    return LeaseLost(f"run {lease.run_id}, attempt {lease.attempt}, was taken over")


def hold_off(connection: Connection, run_id: str) -> None:
    """Have whoever holds a run write nothing about it until this write transaction ends, so that others may."""
    connection.execute(select(workers.c.id).where(workers.c.run_id == run_id).with_for_update())


def release(connection: Connection, lease: Lease, lease_seconds: float) -> None:
    """Give the run back and be idle. Raises LeaseLost if the lease is not held."""
    values = {**_IDLE, **_renewed(lease_seconds)}
    if connection.execute(update(workers).where(*_holding(lease)).values(**values)).rowcount == 0:
        raise lost(lease)


def renew(connection: Connection, worker_id: str, lease_seconds: float) -> None:
    """Heartbeat of a worker. Raises LeaseLost if its row is gone."""
    _change(connection, worker_id, _renewed(lease_seconds))


def set_state(connection: Connection, worker_id: str, state: WorkerState, lease_seconds: float) -> None:
    """Say what a worker without a run is doing. Raises LeaseLost if its row is gone."""
    _change(connection, worker_id, {**_IDLE, "state": state, **_renewed(lease_seconds)})


def set_rate(connection: Connection, worker_id: str, rate: float) -> None:
    """Keep the training rate a worker measured, in floating point operations a second. Raises LeaseLost if its row is gone."""
    _change(connection, worker_id, {"rate": rate})


def remove(connection: Connection, worker_id: str) -> bool:
    """Take a worker's row away; False if it was gone already."""
    return connection.execute(delete(workers).where(workers.c.id == worker_id)).rowcount > 0


def _holding(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return workers.c.id == lease.worker_id, workers.c.run_id == lease.run_id, workers.c.attempt == lease.attempt


def _enter(connection: Connection, worker_id: str, framework: str, host: str, process: ProcessIdentity, lease_seconds: float) -> None:
    connection.execute(
        insert(workers).values(
            id=worker_id,
            host=host,
            pid=process.pid,
            process_started=process.started,
            framework=framework,
            state="starting",
            started_at=utc_now(),
            **_renewed(lease_seconds),
        )
    )


def _renewed(lease_seconds: float) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"heartbeat_at": to_text(now), "lease_expires_at": to_text(now + timedelta(seconds=lease_seconds))}


def _change(connection: Connection, worker_id: str, values: dict[str, Any]) -> None:
    if connection.execute(update(workers).where(workers.c.id == worker_id).values(**values)).rowcount == 0:
        raise LeaseLost(f"worker {worker_id} was written off")
