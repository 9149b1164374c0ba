"""`CeleryExecutor` publishes a task for each queued run that has neither a task nor a worker."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.clock import monotonic, utc_now
from workbench.runs import leases
from workbench.runs.celery.queues import QUEUES, queue_of
from workbench.runs.leases import WorkerRow
from workbench.runs.queueing import queued_runs
from workbench.runs.starting import ExecutorAway
from workbench.settings import Settings
from workbench.store.store import Store

if TYPE_CHECKING:
    from workbench.runs.celery.broker import Broker

PUBLISHED_SECONDS = 5.0
"""How long a task that was just published counts, whatever the broker says: somebody may have taken it, and not said so yet."""

ASK_SECONDS = 5.0
"""How often the broker is asked about the same queued runs. They may wait for days, and every server and worker looks once a second."""


class CeleryExecutor:
    """Celery workers on any host.

    A task that was just published has a row in the workers table, whose host is the queue's name, until a worker takes it or its lease
    runs out. So publishers agree through the store; what waits longer is counted by the broker, and what that has forgotten is
    published anew.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._asked: dict[str, tuple[float, frozenset[tuple[str, int]]]] = {}

    @cached_property
    def broker(self) -> Broker:
        """The broker; Celery is loaded when something is first asked of it."""
        from workbench.runs.celery.broker import Broker

        return Broker(self._settings)

    def ensure_worker(self, framework: str) -> None:
        """Publish as many tasks as queued runs still need. Raises ExecutorAway."""
        queue = queue_of(self._settings, framework)
        if self._missing(framework, queue, 0) == 0:
            return
        queued = frozenset((run.id, run.attempt) for run in queued_runs(self._store.state(), framework))
        again, about = self._asked.get(framework, (0.0, frozenset()))
        if queued <= about and monotonic() < again:
            return
        waiting = self.broker.waiting(queue)[queue]
        with self._store.transaction() as connection:
            ids = [leases.new_worker_id() for _ in range(self._missing(framework, queue, waiting))]
            for worker_id in ids:
                leases.announce(connection, worker_id, framework, queue, PUBLISHED_SECONDS)
        for number, worker_id in enumerate(ids):
            try:
                self.broker.publish(queue, framework, worker_id)
            except ExecutorAway:
                with self._store.transaction() as connection:
                    for unsent in ids[number:]:
                        leases.remove(connection, unsent)
                raise
        self._asked[framework] = (monotonic() + ASK_SECONDS, queued)

    def warm(self, framework: str) -> None:
        """Nothing: a process is started for each run, where a worker listens, and none waits for one that may come."""

    def _missing(self, framework: str, queue: str, waiting: int) -> int:
        with self._store.reading() as connection:
            rows = leases.rows(connection)
        return missing_tasks(rows, framework, queue, len(queued_runs(self._store.state(), framework)), waiting)


def missing_tasks(rows: Sequence[WorkerRow], framework: str, queue: str, queued: int, waiting: int) -> int:
    """How many tasks to publish, so that each queued run has one, or a process that will claim it.

    Args:
        queued: runs of the framework. waiting: tasks that the broker holds; it may know of an announced one, or somebody has taken it by now.
    """
    now = utc_now()
    free = [row for row in rows if row.framework == framework and row.state != "busy" and row.seconds_past_lease(now) < 0]
    announced = sum(row.host == queue for row in free)
    coming = sum(row.host not in QUEUES for row in free)
    return max(0, queued - coming - max(announced, waiting))
