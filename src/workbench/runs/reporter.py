"""The reporter of a worker: turns what a trainer tells into events, checkpoints and stops in the store."""

from __future__ import annotations

import math
import statistics
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Literal

from workbench.artefacts import Working
from workbench.clock import monotonic
from workbench.commands.run_progress import MarkRunningCommand, RecordCheckpointCommand
from workbench.runs.batching import Batcher
from workbench.runs.events import NewEvent
from workbench.runs.held import HeldRun
from workbench.state import CheckpointRef, RunState

PROGRESS_SECONDS = 0.5
"""Progress within an epoch is told at most this often."""

EPOCHS_FOR_ETA = 10
"""The time left follows from the mean of the last epochs, so that it adapts when they get slower."""
OUTLIER = 10.0


def usual(durations: Collection[float]) -> float:
    """The mean of seconds, at least one, without those that are ten times the middle one: an hour without a database was no epoch's."""
    middle = statistics.median(durations)
    return statistics.fmean(one for one in durations if one <= OUTLIER * middle)


class StoreReporter:
    """Implements `job.Reporter` for one held run.

    Args:
        held: the run under its lease. working: the folder of its files.
        stop: set when a stop was asked for.
        on_error: judges a failed write of a batch of events (see `Batcher`).
        on_checkpoint: called after a checkpoint counts. on_finishing: called when training is over and its weights are safe.
        batch_seconds: least time between two batches of events.
    """

    def __init__(
        self,
        held: HeldRun,
        working: Working,
        stop: threading.Event,
        *,
        on_error: Callable[[BaseException], None] | None = None,
        on_checkpoint: Callable[[], None] = lambda: None,
        on_finishing: Callable[[], None] = lambda: None,
        batch_seconds: float = 0.25,
    ) -> None:
        self._held = held
        self._working = working
        self._stop = stop
        self._on_checkpoint = on_checkpoint
        self._on_finishing = on_finishing
        self._events: Batcher[NewEvent] = Batcher(held.append, batch_seconds, on_error)
        self._running = False
        self._epoch = held.record.epochs_done
        self._durations: deque[float] = deque(maxlen=EPOCHS_FOR_ETA)
        self._first = True
        self._guess: float | None = None
        self._begun = monotonic()
        self._epoch_begun = self._begun
        self._progress_told = -math.inf
        self._under_way: tuple[float, float] | None = None
        self._before = _elapsed_before(held)

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """A line for the training log."""
        self._events.add(NewEvent.now("log", level=level, message=message))

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        """Where training stands within an epoch."""
        self._mark_running()
        now = monotonic()
        if self._under_way is None:
            self._under_way = (now, fraction)
        if now - self._progress_told >= PROGRESS_SECONDS:
            self._progress_told = now
            self._events.add(NewEvent.now("progress", epoch=epoch, total=total, fraction=min(1.0, max(0.0, fraction))))

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """An epoch is done: its metrics, the time so far and the time left, as far as it is known."""
        self._mark_running()
        now = monotonic()
        if self._first:
            # The first epoch's time holds the compilation, which is no part of any other: only what came after its first
            # sign of progress tells how long an epoch takes.
            at, fraction = self._under_way or (now, 1.0)
            self._guess = (now - at) / (1.0 - fraction) if fraction < 1.0 else None
            self._first = False
        else:
            self._durations.append(now - self._epoch_begun)
        self._epoch_begun = now
        self._epoch = epoch
        each = usual(self._durations) if self._durations else self._guess
        left = 0.0 if epoch >= total else None if each is None else round((total - epoch) * each, 3)
        self._events.add(
            NewEvent.now(
                "epoch",
                epoch=epoch,
                total=total,
                life_epoch=life_epoch,
                elapsed_seconds=round(self._before + now - self._begun, 3),
                eta_seconds=left,
                metrics=dict(metrics),
            )
        )

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Small live diagnostics of the epoch told last."""
        self._events.add(NewEvent.now("diagnostics", name=name, epoch=self._epoch, values=dict(values)))

    def checkpoint(self, path: Path, kind: Literal["best", "last"], epoch: int) -> None:
        """Point the store to a complete checkpoint. When this returns, the trainer may remove the one before it."""
        self._events.flush()
        lease = self._held.lease
        kept = self._working.publish(path)
        ref = CheckpointRef(path=kept.name, sha256=kept.sha256, epoch=epoch, attempt=lease.attempt)
        command = RecordCheckpointCommand(run_id=lease.run_id, attempt=lease.attempt, kind=kind, checkpoint=ref)
        self._held.execute(command, NewEvent.now("checkpoint", which=kind, epoch=epoch, path=ref.path))
        self._on_checkpoint()

    def finishing(self) -> None:
        """Training is over and its checkpoints count."""
        self._on_finishing()
        self._events.add(NewEvent.now("finishing"))

    def should_stop(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Seconds since this attempt's trainer was called."""
        return monotonic() - self._begun

    def flush(self) -> None:
        """Write every event told so far."""
        self._events.flush()

    def close(self) -> None:
        """Write what is left and end the batching."""
        self._events.close()

    def _mark_running(self) -> None:
        if not self._running:
            self._running = True
            if self._held.record.state is RunState.STARTING:
                self._held.execute(MarkRunningCommand(run_id=self._held.lease.run_id, attempt=self._held.lease.attempt))


def _elapsed_before(held: HeldRun) -> float:
    """Seconds that earlier attempts took, so that a resumed run's clock goes on."""
    return held.record.duration_seconds or 0.0
