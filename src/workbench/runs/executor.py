"""Where runs are carried out. `LocalExecutor` starts worker processes on this host, detached from whoever asks."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from workbench.clock import utc_now
from workbench.runs import leases
from workbench.runs.leases import WorkerRow
from workbench.runs.queueing import queued_runs
from workbench.runs.starting import WORKER_PROGRAM, ExecutorError, worker_log, worker_process
from workbench.settings import Settings
from workbench.state import AppState
from workbench.store.store import Store

ARRIVAL_SECONDS = 30.0
"""How long an announced worker may take to register, on a busy machine, before another one is started."""


class Executor(Protocol):
    """How queued runs get a worker."""

    def ensure_worker(self, framework: str) -> None:
        """See to it that queued runs of that framework will be claimed, as far as the limit at once allows. Raises ExecutorError."""
        ...

    def warm(self, framework: str) -> None:
        """Have a worker wait for a run that may soon be started. Raises ExecutorError."""
        ...


def executor_of(store: Store, settings: Settings) -> Executor:
    """The executor that the settings ask for."""
    if settings.executor == "celery":
        from workbench.runs.celery.executor import CeleryExecutor

        return CeleryExecutor(store, settings)
    if settings.executor == "crew":
        return CrewExecutor()
    return LocalExecutor(store, settings)


class CrewExecutor:
    """Crews that somebody starts (`trellis crew`): what is queued waits for one."""

    def ensure_worker(self, framework: str) -> None:
        """Nothing: nobody here starts one."""

    def warm(self, framework: str) -> None:
        """Nothing: a crew waits for runs by itself."""


class LocalExecutor:
    """Worker processes on this host.

    Args:
        program: the command line of a worker, without its options.
    """

    def __init__(self, store: Store, settings: Settings, program: Sequence[str] | None = None) -> None:
        self._store = store
        self._settings = settings
        self._program = tuple(program or WORKER_PROGRAM)
        self._host = settings.host_name

    def ensure_worker(self, framework: str) -> None:
        """Start as many workers as queued runs still need."""
        self._start(framework, least=0)

    def warm(self, framework: str) -> None:
        """Start one worker if none of the framework is waiting and there is room for one more run."""
        self._start(framework, least=1)

    def _start(self, framework: str, least: int) -> None:
        with self._store.reading() as connection:
            if self._missing(connection, framework, least) == 0:
                return
        with self._store.transaction() as connection:
            ids = [leases.new_worker_id() for _ in range(self._missing(connection, framework, least))]
            for worker_id in ids:
                leases.announce(connection, worker_id, framework, self._host, ARRIVAL_SECONDS)
        for worker_id in ids:
            self._spawn(framework, worker_id)

    def _missing(self, connection: Connection, framework: str, least: int) -> int:
        return missing_workers(connection, self._store.state(), framework, self._host, self._settings.max_concurrent_runs, least)

    def _spawn(self, framework: str, worker_id: str) -> None:
        command = [*self._program, "--framework", framework, "--worker-id", worker_id, "--detach"]
        try:
            # The child leaves its parent at once, so waiting here takes only the start of an interpreter, and no zombie is left.
            code = worker_process(self._settings, command).wait(timeout=60)
        except (OSError, subprocess.TimeoutExpired) as error:
            code = str(error)
        if code != 0:
            with self._store.transaction() as connection:
                leases.remove(connection, worker_id)
            raise ExecutorError(f"No worker process could be started ({code}). Its log is {worker_log(self._settings.home)}.")


def missing_workers(connection: Connection, state: AppState, framework: str, host: str, limit: int, least: int) -> int:
    """How many workers to start, so that queued runs find one and the limit at once holds.

    Args:
        least: workers wanted even if nothing is queued (0 or 1).
    """
    rows = [row for row in leases.rows(connection) if row.host == host and not row.gone(host)]
    queued = len(queued_runs(state, framework))
    waiting = sum(row.framework == framework and is_waiting(row) for row in rows)
    room = limit - sum(row.state == "busy" for row in rows)
    return max(0, min(max(queued, least), room) - waiting)


def is_waiting(row: WorkerRow) -> bool:
    """Whether a worker is, or soon will be, free to claim a run. An announced one counts until its lease runs out."""
    return row.state != "busy" and (row.pid != 0 or row.seconds_past_lease(utc_now()) < 0)
