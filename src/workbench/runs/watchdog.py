"""The thread of a worker that keeps its lease, sees stops, and ends the process when training does not.

It works while the main thread computes: frameworks release the interpreter lock for that. Where even that fails (the
process is suspended, or code holds the lock), the reconciler of another process does the same from outside.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from workbench.clock import monotonic
from workbench.periodic import Periodic
from workbench.runs import leases
from workbench.runs.endings import diagnostics_cut_short, stopped_by_force, told_to_end
from workbench.runs.events import NewEvent
from workbench.runs.held import HeldRun
from workbench.runs.job import LeaseLost
from workbench.settings import Settings
from workbench.state import RunState
from workbench.store.errors import StoreError
from workbench.store.store import Store

EXIT_LEASE_LOST = 3
EXIT_STOPPED = 4
POLL_SECONDS = 0.1

Phase = Literal["training", "diagnosing", "finishing"]


@dataclass
class Watched:
    """What the watchdog looks after: a held run, and how far its work is.

    Attributes:
        stop: set once a stop was asked for. phase: `diagnosing` once the trained weights are safe: a stop waits for it, within a time of its own; `finishing`
            once the trainer has returned: nothing is killed then. diagnosing_since: monotonic seconds when diagnosing began.
        asked_at: monotonic seconds when the stop was seen. saved_at: when the last checkpoint counted.
    """

    held: HeldRun
    stop: threading.Event = field(default_factory=threading.Event)
    phase: Phase = "training"
    asked_at: float | None = None
    saved_at: float = 0.0
    diagnosing_since: float | None = None

    def saved(self) -> None:
        """A checkpoint counts from now on."""
        self.saved_at = monotonic()

    def weights_safe(self) -> None:
        """Training is over and what it learned is saved: diagnostics have begun."""
        self.diagnosing_since = monotonic()
        self.phase = "diagnosing"


class Watchdog:
    """Heartbeat, stops and the lease of one worker process.

    Args:
        leave: how the process ends, given the exit code; `os._exit`, so that nothing else runs.
    """

    def __init__(self, store: Store, settings: Settings, worker_id: str, leave: Callable[[int], NoReturn] = os._exit) -> None:
        self._store = store
        self._settings = settings
        self._worker_id = worker_id
        self._leave = leave
        self._watched: Watched | None = None
        self._beat_due = monotonic() + settings.heartbeat_seconds
        self._told_to_end = threading.Event()
        self._thread = Periodic("watchdog", POLL_SECONDS, self.look)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def end(self) -> None:
        """Stop watching and wait for the thread."""
        self._thread.end()

    def watch(self, watched: Watched | None) -> None:
        """Look after this run from now on, or after none."""
        self._watched = watched

    def tell_to_end(self) -> None:
        """The process was told to end: let the run it holds stop as if it were asked to. Safe in a signal's handler."""
        self._told_to_end.set()

    @property
    def told_to_end(self) -> bool:
        """Whether the process was told to end."""
        return self._told_to_end.is_set()

    def judge(self, error: BaseException) -> None:
        """What a failed write of events means: leave at once if the lease is lost, try again if the store cannot be
        written now; anything else is raised."""
        if isinstance(error, LeaseLost):
            self._leave(EXIT_LEASE_LOST)
        if not isinstance(error, StoreError):
            raise error

    def look(self) -> None:
        """One round: renew the lease when due, then see to a stop that was asked for."""
        try:
            if monotonic() >= self._beat_due:
                with self._store.statement() as connection:
                    leases.renew(connection, self._worker_id, self._settings.lease_seconds)
                self._beat_due = monotonic() + self._settings.heartbeat_seconds
            watched = self._watched
            if watched is not None:
                self._see_to_stop(watched)
                self._see_to_diagnostics(watched)
        except LeaseLost:
            self._leave(EXIT_LEASE_LOST)
        except StoreError:
            # The store is busy or the disk full: training goes on, and the next round tries again. If the lease runs
            # out meanwhile and somebody takes the run over, the next round that gets through finds out.
            return

    def _see_to_stop(self, watched: Watched) -> None:
        record = watched.held.record
        asked = record.stop_requested_at is not None
        if not (asked or self.told_to_end) or not record.state.active:
            return
        if watched.asked_at is None:
            watched.asked_at = monotonic()
            watched.stop.set()
            if record.state is not RunState.STARTING:
                watched.held.append([NewEvent.now("stopping", grace_seconds=self._settings.stop_grace_seconds)])
        if watched.phase == "training" and (record.state is RunState.STARTING or monotonic() >= self._deadline(watched)):
            watched.held.finish(*(stopped_by_force if asked else told_to_end)(record), leave=True)
            self._leave(EXIT_STOPPED)

    def _see_to_diagnostics(self, watched: Watched) -> None:
        """Cut diagnostics short that take longer than theirs: the weights are safe, and they can be computed again on demand."""
        limit = self._settings.diagnostics_seconds
        if watched.phase != "diagnosing" or watched.diagnosing_since is None or monotonic() < watched.diagnosing_since + limit:
            return
        watched.held.finish(*diagnostics_cut_short(watched.held.record, limit), leave=True)
        self._leave(EXIT_STOPPED)

    def _deadline(self, watched: Watched) -> float:
        """When a stop is enforced. A checkpoint saved after the request shows that the trainer is on its way out: it gets time once more."""
        assert watched.asked_at is not None
        grace = self._settings.stop_grace_seconds
        return watched.asked_at + (3 * grace if watched.saved_at > watched.asked_at else grace)
