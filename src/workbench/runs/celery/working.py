"""What a Celery worker does with a task: have a process of its own carry out one run, and see to what becomes of that."""

from __future__ import annotations

import logging
import re
import subprocess
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from celery import signals
from celery.exceptions import Reject, SecurityWarning

from workbench.families import FRAMEWORKS
from workbench.runs import leases
from workbench.runs.celery.broker import TASK, Broker
from workbench.runs.celery.queues import Device, queue_name
from workbench.runs.executor import ARRIVAL_SECONDS
from workbench.runs.queueing import queued_runs
from workbench.runs.starting import WORKER_PROGRAM, worker_process
from workbench.store.errors import StoreError
from workbench.workbench import Workbench

AWAY_PAUSE_SECONDS = 1.0
"""How often a store is tried that does not answer."""

FIRST_PAUSE_SECONDS = 1.0
MOST_PAUSE_SECONDS = 60.0
"""How long a worker takes no other task after one whose process ended before it began; doubled with each, so that others may take them."""

WITHOUT_GPU = {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
"""What hides a GPU from runs that were sent to hosts without one."""

_WORKER_ID = re.compile(r"worker_[0-9a-f]{16}")

_log = logging.getLogger(__name__)


class Tasks:
    """The tasks of one Celery worker. Its threads wait for processes; a run that crashes or is killed takes nothing else along.

    Args:
        program: the command line of a run's process, without its options.
    """

    def __init__(self, workbench: Workbench, device: Device, program: Sequence[str] = WORKER_PROGRAM) -> None:
        self._settings, self._store = workbench.settings, workbench.store
        self._more = WITHOUT_GPU if device == "cpu" else {}
        self._program = tuple(program)
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._useless = 0

    def carry_out(self, framework: str, worker_id: str) -> None:
        """Have a process carry out the oldest queued run of the framework, and wait for its end. Nothing, if none is queued any more.

        Raises Reject, which gives the task back, if this worker is ending.
        """
        if framework not in FRAMEWORKS or not _WORKER_ID.fullmatch(worker_id):
            _log.error("a task that Trellis did not publish is passed over")
            return
        while not self._ending.is_set():
            try:
                own_id = self._take(framework, worker_id)
                if own_id is not None:
                    self._run(framework, own_id)
                return
            except StoreError as error:
                _log.warning("%s", error)
                self._ending.wait(AWAY_PAUSE_SECONDS)
        raise Reject("this worker is ending", requeue=True)

    def end(self, **_told: Any) -> None:
        """Let every run stop as if it were asked to, and start none any more."""
        self._ending.set()
        with self._lock:
            for process in self._processes:
                process.terminate()

    def _take(self, framework: str, worker_id: str) -> str | None:
        """The id of the process that is to be started on this host, announced in place of the task; None if nothing is to be done."""
        with self._store.transaction() as connection:
            row = leases.row(connection, worker_id)
            if row is not None and row.pid == 0:
                leases.remove(connection, worker_id)
            if not queued_runs(self._store.state(), framework):
                return None
            # a task may come twice, and its first process still be at work
            own_id = leases.new_worker_id()
            leases.announce(connection, own_id, framework, self._settings.host_name, ARRIVAL_SECONDS)
            return own_id

    def _run(self, framework: str, worker_id: str) -> None:
        command = [*self._program, "--framework", framework, "--worker-id", worker_id, "--once"]
        with self._lock:
            process = worker_process(self._settings, command, **self._more)
            self._processes.add(process)
            if self._ending.is_set():
                process.terminate()
        code = process.wait()
        with self._lock:
            self._processes.discard(process)
        if self._was_of_use(worker_id):
            self._useless = 0
            return
        _log.warning("a process for runs of %s ended before it began (%s)", framework, code)
        self._useless += 1
        self._ending.wait(min(FIRST_PAUSE_SECONDS * 2 ** (self._useless - 1), MOST_PAUSE_SECONDS))

    def _was_of_use(self, worker_id: str) -> bool:
        """Whether a process that has ended got as far as claiming a run, or found none. If not, its row says at once that nobody is behind it."""
        try:
            with self._store.transaction() as connection:
                row = leases.row(connection, worker_id)
                if row is None or row.state != "starting":
                    return True
                leases.renew(connection, worker_id, 0.0)
        except StoreError as error:
            _log.warning("%s", error)
        return False


def work(
    workbench: Workbench,
    frameworks: Sequence[str],
    device: Device,
    ready: Callable[[], object] = lambda: None,
    program: Sequence[str] = WORKER_PROGRAM,
) -> int:
    """Take tasks from the queues of these frameworks until told to end; returns the exit code.

    SIGTERM and Ctrl+C stop its runs as Stop does, and wait for them. `ready`: called once the broker gives it tasks.
    """
    broker, tasks, settings = Broker(workbench.settings), Tasks(workbench, device, program), workbench.settings
    broker.app.task(tasks.carry_out, name=TASK)
    # logging is set up already, and Celery would do it its own way
    signals.setup_logging.connect(lambda **_told: None, weak=False)
    signals.worker_ready.connect(lambda **_told: ready(), weak=False)
    signals.worker_shutting_down.connect(tasks.end, weak=False)
    queues = [broker.queue(queue_name(framework, device)) for framework in frameworks]
    broker.app.conf.task_queues = queues
    # it advises root to use an option of Celery's own command
    warnings.simplefilter("ignore", SecurityWarning)
    worker = broker.app.Worker(
        hostname=f"{'-'.join(frameworks)}-{device}-{leases.new_worker_id()[-6:]}@{settings.host_name}",
        queues=[queue.name for queue in queues],
        pool="threads",
        concurrency=settings.max_concurrent_runs,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    workbench.runs.keep_watch()
    worker.start()
    return worker.exitcode or 0
