"""Workers that end before they are ready, counted: each further one is started later than the one before, and after a few it is given up.

A store that a new process cannot open, a package that is gone, too little memory: without a bound such workers would be started for ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from workbench.clock import monotonic
from workbench.runs.endings import Ending, failed, what_next, worker_log_words
from workbench.runs.leases import WorkerRow
from workbench.state import RunError, RunRecord

MAX_FAILED_STARTS = 5
"""How many workers of a framework may end in a row before one is ready; then the runs that wait for one fail."""

FIRST_WAIT_SECONDS = 1.0
"""How long after the first of them the next one is started; doubled with each."""


class FailedStarts:
    """What one process has seen of the starts of workers on its host, by framework."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._in_a_row: dict[str, int] = defaultdict(int)
        self._due: dict[str, float] = {}
        self._ready: set[str] = set()

    def see(self, rows: Sequence[WorkerRow]) -> None:
        """Take in who is there: with a worker that has become ready, the count of its framework begins anew."""
        ready = {row.id: row.framework for row in rows if row.host == self._host and is_ready(row) and not row.gone(self._host)}
        for id in ready.keys() - self._ready:
            self.forget(ready[id])
        self._ready = set(ready)

    def lost(self, row: WorkerRow) -> None:
        """A worker is gone: it counts if it was of this host and never became ready."""
        if row.host == self._host and not is_ready(row):
            self.failed(row.framework)

    def failed(self, framework: str) -> None:
        """One more was of no use."""
        self._in_a_row[framework] += 1
        self._due[framework] = monotonic() + FIRST_WAIT_SECONDS * 2 ** (self._in_a_row[framework] - 1)

    def due(self, framework: str) -> bool:
        """Whether another one may be started now."""
        return monotonic() >= self._due.get(framework, 0.0)

    def hopeless(self, framework: str) -> bool:
        """Whether another one would be of no use either."""
        return self._in_a_row[framework] >= MAX_FAILED_STARTS

    def forget(self, framework: str) -> None:
        """Begin anew."""
        self._in_a_row.pop(framework, None)
        self._due.pop(framework, None)


def is_ready(row: WorkerRow) -> bool:
    """Whether a worker has got as far as waiting for runs or working on one."""
    return row.state != "starting"


def no_worker(run: RunRecord, host: str = "") -> Ending:
    """No worker (on that host, if there are several) becomes ready for a run that waits for one."""
    message = f"No worker became ready for it: {MAX_FAILED_STARTS} processes in a row ended before."
    hint = f"{worker_log_words(host)}. {what_next(run)}"
    return failed(run, RunError(message=f"{message} {hint}", code="WORKER_LOST"), None)
