"""Sets right what processes that died left behind. Every server and every worker runs one; they agree through the store.

Nothing stays "running" for ever: a run whose process is gone is marked interrupted, or queued again if its work had not begun; a
stop that nobody obeys is enforced, and queued runs get a worker, or fail where none becomes ready. Where only the lease tells, a worker that has not renewed it for as long as it
holds is silent, whatever a clock that was set says.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from workbench.artefacts import ArtefactError, ArtefactsAway
from workbench.clock import monotonic, seconds_between, utc_now
from workbench.commands.base import CommandError
from workbench.commands.run_progress import ClaimRunCommand
from workbench.logs import Seldom
from workbench.periodic import Periodic
from workbench.runs import events, leases
from workbench.runs.endings import process_gone
from workbench.runs.executor import Executor
from workbench.runs.failed_starts import FailedStarts, is_ready, no_worker
from workbench.runs.held import ACTOR
from workbench.runs.leases import WorkerRow
from workbench.runs.queueing import queued_runs
from workbench.runs.starting import ExecutorAway, ExecutorError
from workbench.settings import Settings
from workbench.state import AppState, RunRecord, RunState
from workbench.store.errors import StoreAway, StoreError
from workbench.store.store import Store

PERIOD_SECONDS = 1.0
"""How often a reconciler looks; a look at a healthy store is two reads."""

FIRST_CHORE_SECONDS = 60.0
CHORE_SECONDS = 3600.0
"""When a process first does its chore, and how often then."""

_log = logging.getLogger(__name__)


class Reconciler:
    """One process's reconciler: `start()` runs it in a thread, `look()` does one round.

    Args:
        host: this host's name, if not the settings'. chore: what else to see to, once an hour; servers put away old events.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        executor: Executor,
        host: str | None = None,
        chore: Callable[[], object] = lambda: None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._executor = executor
        self._host = host or settings.host_name
        self._chore = chore
        self._chore_due = monotonic() + FIRST_CHORE_SECONDS
        self._seen: dict[str, tuple[str, float]] = {}
        self._blind_until = -math.inf
        self._log = Seldom(_log)
        self._stops: dict[str, float] = {}
        self._starts = FailedStarts(self._host)
        self._thread = Periodic("reconciler", PERIOD_SECONDS, lambda: self._try(self._round))

    def start(self) -> None:
        """Look once a second from now on; nothing happens if it runs already."""
        self._thread.start()

    def end(self) -> None:
        """Stop looking and wait for the thread."""
        self._thread.end()

    def look(self) -> None:
        """One round. Raises StoreError, ExecutorError."""
        with self._store.reading() as connection:
            rows = leases.rows(connection)
        self._notice(rows)
        for row in rows:
            if self._lost(row):
                self._take_over(row.id)
            elif self._ignores_stop(row):
                row.process.kill()
        self._end_orphans(rows)
        self._starts.see(rows)
        failures = [failure for framework in _waited_for(self._store.state()) if (failure := self._see_to(framework, rows)) is not None]
        if failures:
            raise failures[0]

    def _see_to(self, framework: str, rows: Sequence[WorkerRow]) -> ExecutorError | None:
        """Get queued runs of a framework a worker, or end them if none becomes ready; why none could be started, if so."""
        if self._starts.hopeless(framework):
            # one that is there will take them
            if not any(row.framework == framework and is_ready(row) and not self._lost(row) for row in rows):
                self._give_up(framework)
            return None
        if self._starts.due(framework):
            try:
                self._executor.ensure_worker(framework)
            except ExecutorAway as error:
                return error
            except ExecutorError as error:
                self._starts.failed(framework)
                return error
        return None

    def _give_up(self, framework: str) -> None:
        """End the runs that wait for a worker of that framework; those that are queued later begin anew."""
        with self._store.transaction() as connection:
            for run in queued_runs(self._store.state(), framework):
                self._store.execute(ClaimRunCommand(run_id=run.id, attempt=run.attempt), actor=ACTOR, connection=connection)
                command, event = no_worker(run, self._named(self._host))
                self._store.execute(command, actor=ACTOR, connection=connection)
                events.append(connection, run.id, run.attempt, [event])
        self._starts.forget(framework)

    def _lost(self, row: WorkerRow) -> bool:
        """Whether nobody is behind a row any more: its process is gone, or it is one that nobody can see and that fell silent.

        A process on this host that is merely suspended still is there, and its run is not lost.
        """
        if row.host == self._host and row.pid != 0:
            return not row.process.alive()
        return self._silent_for(row) >= (0 if row.host == self._host else self._settings.remote_lease_grace_seconds)

    def _notice(self, rows: Sequence[WorkerRow]) -> None:
        """Remember when each worker's last heartbeat was first seen, by a clock that nobody sets."""
        now = monotonic()
        seen = {row.id: (row.heartbeat_at, now) for row in rows}
        self._seen = {id: old if (old := self._seen.get(id)) and old[0] == new[0] else new for id, new in seen.items()}

    def _silent_for(self, row: WorkerRow) -> float:
        """Seconds since the row's lease ran out, by the clock or by what was seen of it, whichever says more."""
        heartbeat, since = self._seen.get(row.id, (row.heartbeat_at, monotonic()))
        watched = monotonic() - since - row.lease_seconds if heartbeat == row.heartbeat_at else -row.lease_seconds
        # nobody could write to a store that could not be read: what was silent then gets a lease's time from its return on
        return min(max(watched, row.seconds_past_lease(utc_now())), monotonic() - self._blind_until - row.lease_seconds)

    def _ignores_stop(self, row: WorkerRow) -> bool:
        """Whether a process on this host neither stops as asked nor renews its lease, so that its own watchdog is dead too."""
        run = self._store.state().runs.get(row.run_id) if row.run_id is not None else None
        if run is None or run.attempt != row.attempt or run.stop_requested_at is None or row.host != self._host or row.pid == 0:
            return False
        asked = monotonic() - self._stops.setdefault(run.id + run.stop_requested_at, monotonic())
        waited = max(asked, seconds_between(run.stop_requested_at, utc_now()))
        return self._silent_for(row) >= 0 and waited >= self._settings.stop_grace_seconds

    def _take_over(self, worker_id: str) -> None:
        """Remove a lost worker's row and end its run, unless its process has renewed the lease meanwhile."""
        with self._store.transaction() as connection:
            row = leases.row(connection, worker_id, keep=True)
            if row is None or not self._lost(row):
                return
            leases.remove(connection, worker_id)
            self._starts.lost(row)
            run = self._store.state().runs.get(row.run_id) if row.run_id is not None else None
            if run is None or run.attempt != row.attempt or run.state not in (RunState.STARTING, RunState.RUNNING):
                return
            command, event = process_gone(run, self._named(row.host))
            self._store.execute(command, actor=ACTOR, connection=connection)
            events.append(connection, run.id, run.attempt, [event])

    def _named(self, host: str) -> str:
        """A host as runs' reasons name it: not at all where there is one only."""
        return host if self._settings.executor != "local" else ""

    def _end_orphans(self, rows: Sequence[WorkerRow]) -> None:
        """End runs that are said to be worked on although no worker's row names them (a store put back from a backup)."""
        if not _orphans(self._store.state(), rows):
            return
        with self._store.transaction() as connection:
            # The rows were read before the state: what was claimed in between only seemed to be nobody's.
            for run in _orphans(self._store.state(), leases.rows(connection)):
                command, event = process_gone(run)
                self._store.execute(command, actor=ACTOR, connection=connection)
                events.append(connection, run.id, run.attempt, [event])

    def try_to_look(self) -> None:
        """One round; what is in its way is said in the process's log."""
        self._try(self.look)

    def _round(self) -> None:
        self.look()
        if monotonic() >= self._chore_due:
            self._chore_due = monotonic() + CHORE_SECONDS
            self._chore()

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (StoreError, CommandError, ExecutorError, ArtefactError, ArtefactsAway, SQLAlchemyError) as error:
            # the next round tries again
            self._log.warning(str(error))
            if isinstance(error, StoreAway):
                self._blind_until = monotonic()


def _waited_for(state: AppState) -> set[str]:
    return {run.framework for run in queued_runs(state)}


def _orphans(state: AppState, rows: Sequence[WorkerRow]) -> list[RunRecord]:
    held = {(row.run_id, row.attempt) for row in rows}
    return [run for run in state.active_runs if run.state is not RunState.QUEUED and (run.id, run.attempt) not in held]
