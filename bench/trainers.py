"""Simulated trainers: processes that hold runs and tell of them as a worker does, through its own classes, and train nothing.

Each is a process with the threads that a worker has: batches of events, the watchdog with its heartbeat and its look for stops,
the reconciler. What it tells is what the RCM-VAE's trainer tells.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import SimpleQueue
from typing import Any

from workbench.clock import monotonic
from workbench.commands.base import Command
from workbench.runs import folder, leases
from workbench.runs.claiming import claim
from workbench.runs.events import NewEvent
from workbench.runs.executor import CrewExecutor
from workbench.runs.held import HeldRun
from workbench.runs.leases import Lease
from workbench.runs.process import ProcessIdentity
from workbench.runs.reconciler import Reconciler
from workbench.runs.reporter import StoreReporter
from workbench.runs.watchdog import Watchdog, Watched
from workbench.settings import Settings
from workbench.store.store import Store
from workbench.workbench import Workbench

EPOCH_SECONDS = 1.0
CHECKPOINT_EVERY = 10
"""Epochs from one checkpoint, which is a command, to the next."""
TOTAL = 100_000
COMPONENTS, CLASSES = 10, 10
_CHECKPOINT_BYTES = 200_000

FORKING = multiprocessing.get_context("fork")
"""Processes that begin with all modules loaded: fifty imports would take the machine for a minute."""


@dataclass
class Timed:
    """Seconds that things took, by name: "events", "heartbeat", "checkpoint"."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, work: Callable[[], Any]) -> None:
        """Do it and keep how long it took."""
        begun = time.perf_counter()
        work()
        self.taken.setdefault(name, []).append(time.perf_counter() - begun)


class TimedRun(HeldRun):
    """A held run that says how long its writes take."""

    def __init__(self, store: Store, lease: Lease, lease_seconds: float, timed: Timed) -> None:
        super().__init__(store, lease, lease_seconds)
        self._timed = timed

    def append(self, new: Sequence[NewEvent]) -> None:
        self._timed.add("events", lambda: super(TimedRun, self).append(new))

    def execute(self, command: Command, *new: NewEvent) -> None:
        self._timed.add("checkpoint", lambda: super(TimedRun, self).execute(command, *new))


def mixture(epoch: int) -> dict[str, Any]:
    """A mixture's live diagnostics after an epoch, as `rcmvae.training.mixture_report` has them, whose import would load JAX."""
    draw = random.Random(epoch)
    shares = [draw.random() for _ in range(COMPONENTS)]
    usage = [share / sum(shares) for share in shares]
    return {
        "pi": usage, "usage": usage, "k_eff": 8.0, "tau": [[1 / CLASSES] * CLASSES for _ in range(COMPONENTS)], "labels": [10] * CLASSES,
        "recall": usage, "claims": list(range(COMPONENTS)), "free_channels": [], "responsibility_histogram": [1 / 20] * 20,
        "component_kl": usage, "temperature": None, "active": [1] * COMPONENTS, "k_active": None, "unlocked": None, "kick_active": False,
        "class_names": [str(number) for number in range(CLASSES)],
    }  # fmt: skip


def metrics(epoch: int) -> Mapping[str, float | None]:
    """An epoch's metrics."""
    loss = 40 + 60 / epoch
    names = ("loss", "reconstruction", "kl_z", "kl_c", "classification")
    return {f"{part}/{name}": loss / place for part in ("train", "validation") for place, name in enumerate(names, 1)} | {
        "train/accuracy": 0.9, "validation/accuracy": 0.9, "train/learning_rate": 1e-3, "train/grad_norm": 1.0, "epoch_seconds": 1.0,
    }  # fmt: skip


def train(settings: Settings, begin: float, until: float, answers: SimpleQueue[dict[str, list[float]]]) -> None:
    """Claim a queued run and tell of it from `begin` to `until` (epoch seconds); puts the seconds that its writes took."""
    workbench = Workbench.open(settings)
    store, worker_id, timed = workbench.store, leases.new_worker_id(), Timed()
    with store.transaction() as connection:
        leases.register(connection, worker_id, "jax", settings.host_name, ProcessIdentity.current(), settings.lease_seconds)
    while (claimed := claim(store, settings, worker_id, "jax", settings.host_name)) is None:
        time.sleep(0.1)
    held = TimedRun(store, claimed.lease, settings.lease_seconds, timed)
    held.append([NewEvent.now("started", total_epochs=TOTAL)])
    watched, watchdog = Watched(held), Watchdog(store, settings, worker_id)
    reconciler = Reconciler(store, settings, CrewExecutor())
    watchdog.watch(watched)
    watchdog.start()
    reconciler.start()
    working = workbench.artefacts.working(folder.folder_of(held.lease.run_id))
    checkpoints = working.path / "attempt-1" / "checkpoints"
    checkpoints.mkdir(parents=True)
    reporter = StoreReporter(held, working, watched.stop, on_error=watchdog.judge, batch_seconds=settings.event_batch_seconds)
    reporter.log("Training begins.")
    time.sleep(max(0.0, begin - time.time()) + random.random() * EPOCH_SECONDS)
    timed.taken.clear()
    epoch, due = 0, monotonic()
    while time.time() < until:
        epoch += 1
        for part in range(2):
            due += EPOCH_SECONDS / 2
            time.sleep(max(0.0, due - monotonic()))
            if part == 0:
                reporter.progress(epoch, TOTAL, 0.5)
        reporter.epoch(epoch, TOTAL, metrics(epoch), epoch)
        reporter.diagnostics("mixture", mixture(epoch))
        if epoch % CHECKPOINT_EVERY == 0:
            path = checkpoints / f"last-{epoch}.msgpack"
            path.write_bytes(os.urandom(_CHECKPOINT_BYTES))
            reporter.checkpoint(path, "last", epoch)
    taken = {name: list(seconds) for name, seconds in timed.taken.items()}
    reporter.close()
    reconciler.end()
    watchdog.end()
    answers.put(taken)
    workbench.close()


class Trainers:
    """Trainers at work. `ended()` waits for them and gives the seconds that their writes took, by name."""

    def __init__(self, settings: Settings, count: int, begin: float, until: float) -> None:
        self._answers: SimpleQueue[dict[str, list[float]]] = FORKING.SimpleQueue()
        self._processes = [FORKING.Process(target=train, args=(settings, begin, until, self._answers), daemon=True) for _ in range(count)]
        for process in self._processes:
            process.start()

    def ended(self) -> dict[str, list[float]]:
        """All of them together."""
        taken: dict[str, list[float]] = {}
        for _ in self._processes:
            for name, seconds in self._answers.get().items():
                taken.setdefault(name, []).extend(seconds)
        for process in self._processes:
            process.join()
        return taken

    def end(self) -> None:
        """End those that are left, whatever they do."""
        for process in self._processes:
            process.kill()
            process.join()


@contextmanager
def trainers(settings: Settings, count: int, begin: float, until: float) -> Iterator[Trainers]:
    """As many trainers as there are queued runs for; none is left after the block.

    Must be asked for before this process has threads: they are forked from it.
    """
    assert threading.active_count() == 1, "trainers are forked, which threads do not survive"
    at_work = Trainers(settings, count, begin, until)
    try:
        yield at_work
    finally:
        at_work.end()
