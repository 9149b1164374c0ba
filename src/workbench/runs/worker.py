"""A worker process: claims the oldest queued run of its framework, trains it, then waits for the next.

Started as `python -m workbench.runs.worker --framework jax --worker-id ID --detach`. What is imported before `detach`
must stay light: the process forks once, and whoever started it waits for that.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from workbench.runs.process import ProcessIdentity, detach

if TYPE_CHECKING:
    from workbench.runs.held import HeldRun
    from workbench.workbench import Workbench

POLL_SECONDS = 0.1
"""How often an idle worker looks for a queued run: a read of the journal's last number."""

RATE_AFTER_IDLE_SECONDS = 8.0
"""An idle worker measures its rate only after this time, so that it is not in the way of a run that follows at once."""


def main(arguments: list[str] | None = None) -> int:
    """The process's entry point. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m workbench.runs.worker", description="Train queued runs of one framework.")
    parser.add_argument("--framework", required=True, choices=["jax", "tensorflow"])
    parser.add_argument("--worker-id", help="the id under which this worker was announced")
    parser.add_argument("--detach", action="store_true", help="leave the process that started this one")
    options = parser.parse_args(arguments)
    if options.detach:
        detach()
    return serve(options.framework, options.worker_id)


def serve(framework: str, worker_id: str | None) -> int:
    """Work until idle for too long. Returns the exit code."""
    from workbench.runs.frameworks import environment_for
    from workbench.settings import Settings
    from workbench.workbench import Workbench

    settings = Settings.load()
    os.environ.update(environment_for(framework, settings.cache))
    workbench = Workbench.open(settings)
    try:
        Worker(workbench, framework, worker_id).work()
    finally:
        workbench.close()
    return 0


class Worker:
    """One worker process of one framework."""

    def __init__(self, workbench: Workbench, framework: str, worker_id: str | None = None) -> None:
        from workbench.runs import leases
        from workbench.runs.executor import LocalExecutor, host_name
        from workbench.runs.reconciler import Reconciler
        from workbench.runs.watchdog import Watchdog

        self._workbench = workbench
        self._framework = framework
        self._id = worker_id or leases.new_worker_id()
        self._host = host_name()
        self._settings = workbench.settings
        self._store = workbench.store
        self._watchdog = Watchdog(self._store, self._settings, self._id)
        self._reconciler = Reconciler(self._store, self._settings, LocalExecutor(self._store, self._settings))

    def work(self) -> None:
        """Register, work, and leave when there has been nothing to do for the idle time."""
        from workbench.runs import leases
        from workbench.runs.frameworks import preimport

        with self._store.transaction() as connection:
            leases.register(connection, self._id, self._framework, self._host, ProcessIdentity.current(), self._settings.lease_seconds)
        self._watchdog.start()
        self._reconciler.start()
        try:
            # A run that waits already is claimed before the slow import, so that its page shows it starting.
            held = self._claim()
            if held is None:
                preimport(self._framework)
            while held is not None or (held := self._wait()) is not None:
                self._carry_out(held)
                held = self._claim()
        finally:
            self._reconciler.end()
            self._watchdog.end()

    def _claim(self) -> HeldRun | None:
        from workbench.runs.claiming import claim

        return claim(self._store, self._settings, self._id, self._framework, self._host)

    def _wait(self) -> HeldRun | None:
        """The next run; None once this worker is not needed any more."""
        import time

        from workbench.clock import monotonic
        from workbench.runs import leases
        from workbench.runs.claiming import leave_if_unneeded

        with self._store.transaction() as connection:
            leases.set_state(connection, self._id, "idle", self._settings.lease_seconds)
        if leave_if_unneeded(self._store, self._id, self._framework, self._host, idle_too_long=False):
            return None
        since = monotonic()
        while True:
            held = self._claim()
            if held is not None:
                return held
            idle = monotonic() - since
            if idle >= self._settings.worker_idle_seconds:
                if leave_if_unneeded(self._store, self._id, self._framework, self._host, idle_too_long=True):
                    return None
                since = monotonic()
            if idle >= RATE_AFTER_IDLE_SECONDS:
                self._measure_rate()
            time.sleep(POLL_SECONDS)

    def _carry_out(self, held: HeldRun) -> None:
        from workbench.runs.carry import carry_out
        from workbench.runs.memory import give_memory_back

        carry_out(self._workbench, held, self._watchdog)
        give_memory_back()

    def _measure_rate(self) -> None:
        from workbench.runs.rates import measure_once

        measure_once(self._store, self._settings, self._id, self._framework)


if __name__ == "__main__":
    sys.exit(main())
