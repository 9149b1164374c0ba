"""A worker: claims the oldest queued run of its framework, trains it, then waits for the next."""

from __future__ import annotations

import logging
import os
import signal
import time

from sqlalchemy import Connection

from workbench.clock import monotonic
from workbench.collecting import keep_what_is_loaded, without_collecting
from workbench.logs import set_up
from workbench.runs import leases
from workbench.runs.carry import carry_out
from workbench.runs.claiming import claim, leave_if_unneeded
from workbench.runs.crews.contract import Crew
from workbench.runs.executor import executor_of, missing_workers
from workbench.runs.frameworks import environment_for, first_framework, preimport
from workbench.runs.held import HeldRun
from workbench.runs.job import LeaseLost
from workbench.runs.memory import give_memory_back
from workbench.runs.process import ProcessIdentity
from workbench.runs.queueing import queued_runs
from workbench.runs.rates import measure_next, measure_once
from workbench.runs.reconciler import Reconciler
from workbench.runs.watchdog import EXIT_LEASE_LOST, Watchdog
from workbench.settings import Settings
from workbench.store.errors import StoreError
from workbench.workbench import Workbench

POLL_SECONDS = 0.1
"""How often an idle worker looks for a queued run: a read of the journal's last number."""

RATE_AFTER_IDLE_SECONDS = 8.0
"""An idle worker measures its rate only after this time, so that it is not in the way of a run that follows at once."""
KINDS_AFTER_IDLE_SECONDS = 30.0
"""The same of kinds of models with a rate of their own, whose networks take seconds to compile."""

_DONE = object()

_log = logging.getLogger(__name__)


def serve(framework: str | None, worker_id: str | None, *, once: bool = False) -> int:
    """Work with the settings of the environment until idle for too long, or `once`. Returns the exit code.

    Without a framework it is that of a first visit, and there is nothing to do if a worker of it waits already.
    """
    settings = Settings.load()
    set_up(settings.log)
    ahead, framework = framework is None, framework or first_framework()
    if framework is None:
        return 0
    for name, value in environment_for(framework, settings.cache).items():
        os.environ.setdefault(name, value)
    workbench = Workbench.open(settings)
    try:
        worker = Worker(workbench, framework, worker_id or leases.new_worker_id(), ahead=ahead, once=once)
        signal.signal(signal.SIGTERM, lambda *_: worker.end())
        worker.work()
    except LeaseLost:
        # Written off while idle: another host took this one for dead.
        return EXIT_LEASE_LOST
    finally:
        workbench.close()
    return 0


def lead(workbench: Workbench, framework: str, crew: Crew) -> None:
    """Work as the first process of a crew until told to end. Raises LeaseLost while idle."""
    worker = Worker(workbench, framework, leases.new_worker_id(), crew=crew)
    signal.signal(signal.SIGTERM, lambda *_: worker.end())
    worker.work()


class Worker:
    """One worker process of one framework. `worker_id` is its row in the workers table.

    With `ahead`, nobody has announced it: it works only if it is the one worker that should wait for a run.
    With `once` it carries out one run, as soon as this host has room for it, or none if none is queued; then those that wait behind it,
    for a framework that is loaded is seconds saved a run, until none waits or somebody else's turn has come.
    As the first process of a `crew` it stays until it is told to end.
    """

    def __init__(
        self, workbench: Workbench, framework: str, worker_id: str, *, ahead: bool = False, once: bool = False, crew: Crew | None = None
    ) -> None:  # fmt: skip
        self._workbench = workbench
        self._settings = workbench.settings
        self._store = workbench.store
        self._framework = framework
        self._id = worker_id
        self._host = self._settings.host_name
        self._ahead = ahead
        self._once = once
        self._crew = crew
        self._starter = os.getppid()
        self._rate: float | None = None
        self._measured = False
        self._watchdog = Watchdog(self._store, self._settings, self._id)
        self._reconciler = Reconciler(self._store, self._settings, executor_of(self._store, self._settings))

    def work(self) -> None:
        """Register, work, and leave when there has been nothing to do for the idle time. Raises LeaseLost while idle."""
        with self._store.transaction() as connection:
            if self._ahead and self._unwanted(connection):
                return
            leases.register(connection, self._id, self._framework, self._host, ProcessIdentity.current(), self._settings.lease_seconds)
        self._watchdog.start()
        self._reconciler.start()
        try:
            if self._crew is not None:
                self._crew.told(self._id)
            held = self._one() if self._once else self._get_ready()
            first = True
            while held is not None or (not self._once and (held := self._wait()) is not None):
                carry_out(self._workbench, held, self._watchdog, self._crew)
                give_memory_back()
                if first:
                    # what a run has loaded stays: to look through it after every short run would take as long as the run
                    keep_what_is_loaded()
                    first = False
                held = self._claim() if not self._once or self._may_go_on() else None
            with self._store.transaction() as connection:
                leases.remove(connection, self._id)
        finally:
            self._reconciler.end()
            self._watchdog.end()

    def end(self) -> None:
        """Leave soon: the run in hand stops as if it were asked to, and no other is claimed. Safe in a signal's handler."""
        self._watchdog.tell_to_end()

    def _one(self) -> HeldRun | None:
        """The oldest queued run, once there is room for it; None if others have taken them all, or this process is told to end."""
        while (held := self._claim()) is None and not self._watchdog.told_to_end and queued_runs(self._store.state(), self._framework):
            time.sleep(POLL_SECONDS)
        return held

    def _may_go_on(self) -> bool:
        """Whether a process that was started for one run may take the next: whoever started it still waits for it, and the run that has
        waited longest is one of its framework, so that those of another do not wait for ever."""
        try:
            queued = queued_runs(self._store.state())
        except StoreError as error:
            _log.warning("%s", error)
            return False
        return os.getppid() == self._starter and bool(queued) and queued[0].framework == self._framework

    def _get_ready(self) -> HeldRun | None:
        """Import what runs need, until there is one: it is claimed at once, so that its page shows it starting."""
        held = self._claim()
        steps = preimport(self._framework)
        with without_collecting():
            while held is None and not self._watchdog.told_to_end and next(steps, _DONE) is not _DONE:
                held = self._claim()
        if held is None:
            keep_what_is_loaded()
        return held

    def _unwanted(self, connection: Connection) -> bool:
        limit = self._settings.max_concurrent_runs
        return missing_workers(connection, self._store.state(), self._framework, self._host, limit, least=1) == 0

    def _claim(self) -> HeldRun | None:
        if self._watchdog.told_to_end:
            return None
        try:
            return claim(self._store, self._settings, self._id, self._framework, self._host)
        except StoreError as error:
            # The store is busy or the disk full; the run waits, and so can its worker.
            _log.warning("%s", error)
            return None

    def _wait(self) -> HeldRun | None:
        """The next run; None once this worker is not needed any more."""
        with self._store.transaction() as connection:
            leases.set_state(connection, self._id, "idle", self._settings.lease_seconds)
        if self._watchdog.told_to_end or (self._crew is None and self._leave(idle_too_long=False)):
            return None
        since = monotonic()
        while (held := self._claim()) is None:
            if self._watchdog.told_to_end:
                return None
            if self._crew is not None:
                # it stays, and measures nothing: that would want the others, too
                time.sleep(POLL_SECONDS)
                continue
            idle = monotonic() - since
            if idle >= self._settings.worker_idle_seconds:
                if self._leave(idle_too_long=True):
                    return None
                since = monotonic()
            if idle >= RATE_AFTER_IDLE_SECONDS and self._rate is None:
                self._rate = measure_once(self._store, self._settings, self._id, self._framework) or 0.0
            elif idle >= KINDS_AFTER_IDLE_SECONDS and not self._measured:
                self._measured = not measure_next(self._settings, self._framework)
            time.sleep(POLL_SECONDS)
        return held

    def _leave(self, *, idle_too_long: bool) -> bool:
        return leave_if_unneeded(self._store, self._id, self._framework, self._host, idle_too_long=idle_too_long)
