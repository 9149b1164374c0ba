"""Trains epoch by epoch until the run ends: early stopping, plateaus, the best weights. Writes nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import jax

from parallel.crew import agreed
from parallel.mesh import copied
from traffic.training.engine import Engine, EpochResult
from traffic.training.record import RunRecord, monitored
from traffic.training.state import TrainState
from workbench.runs.job import EpochReport


@dataclass(frozen=True)
class ForecastEpochReport(EpochReport):
    """The same with what there is to say, and errors of the validation windows `by_horizon`, as of `EpochResult`."""

    words: tuple[str, ...] = ()
    by_horizon: tuple[float, ...] = ()


class Fit:
    """A run under way.

    Attributes:
        state: where training stands. completed: a copy of it after the last finished epoch. best: that of the best epoch, None while that
            lies in a checkpoint of an earlier attempt. record: the course. outcome: set when `epochs` has ended.
    """

    def __init__(
        self,
        engine: Engine,
        state: TrainState,
        record: RunRecord,
        *,
        should_stop: Callable[[], bool] = lambda: False,
        on_progress: Callable[[int, float], None] = lambda epoch, fraction: None,
    ) -> None:
        self.engine = engine
        self.state = state
        self.record = record
        self.completed = copied(state)
        self.best: TrainState | None = None
        self.outcome: Literal["completed", "stopped"] = "completed"
        self._should_stop = should_stop
        self._on_progress = on_progress

    def epochs(self) -> Iterator[ForecastEpochReport]:
        """Train until the run ends; not at all if it had ended before it was resumed. Raises NonFiniteError."""
        total = self.engine.recipe.settings.epochs
        while int(self.state.epoch) < total and not self._ended():
            epoch, started, before = int(self.state.epoch) + 1, time.perf_counter(), int(self.state.position)
            self.state, whole = self.engine.train_epoch(
                self.state, self.record.shrunk, lambda steps, epoch=epoch: self._segment_done(epoch, steps)
            )
            if not whole:
                self.outcome = "stopped"
                self.record.seconds += agreed(time.perf_counter() - started)
                return
            report = self._close(epoch, total, started, before)
            yield report
            if not report.last and self._should_stop():
                self.outcome = "stopped"
                return

    def _close(self, epoch: int, total: int, started: float, before: int) -> ForecastEpochReport:
        recipe, record = self.engine.recipe, self.record
        self.state, result = self.engine.close_epoch(self.state)
        self.completed = copied(self.state)
        jax.block_until_ready(self.completed.epoch)
        seconds = agreed(time.perf_counter() - started)
        record.seconds += seconds
        improved = self._judge(epoch, result)
        if improved:
            self.best = self.completed
        cut = record.cool(recipe.settings.schedule, improved)
        windows = recipe.n_train * (recipe.steps - before) / recipe.steps
        metrics: dict[str, float | None] = {
            "train/loss": result.loss, "train/grad_norm": result.norm, "train/learning_rate": result.rate,
            **{f"validation/{name}": value if math.isfinite(value) else None for name, value in result.validation.items()},
            "train/windows_per_second": windows / max(seconds, 1e-9), "epoch_seconds": seconds,
        }  # fmt: skip
        record.metrics.append(metrics)
        last = epoch == total or self._ended()
        words = self._words(cut, last and epoch < total)
        return ForecastEpochReport(epoch, total, int(self.state.life_epoch), metrics, improved, last, words, result.by_horizon)

    def _judge(self, epoch: int, result: EpochResult) -> bool:
        early = self.engine.recipe.settings.early_stopping
        value = result.validation.get(monitored(self.engine.recipe.settings), float("nan"))
        return self.record.judge(epoch, value, 0.0 if early is None else early.min_delta)

    def _words(self, cut: bool, early: bool) -> tuple[str, ...]:
        settings, record = self.engine.recipe.settings, self.record
        words = (
            [f"Learning rate cut to {max(settings.schedule.min_lr, settings.optimizer.learning_rate * record.shrunk):.3g}"] if cut else []
        )
        if early and self._out_of_time():
            words.append(f"Ended after {settings.max_minutes:g} minutes, as max_minutes asks")
        elif early:
            words.append(f"Ended early: no improvement since epoch {record.best_epoch or 0}")
        return tuple(words)

    def _ended(self) -> bool:
        early = self.engine.recipe.settings.early_stopping
        return self._out_of_time() or (early is not None and self.record.since_best >= early.patience)

    def _out_of_time(self) -> bool:
        limit = self.engine.recipe.settings.max_minutes
        return limit is not None and self.record.seconds >= 60 * limit

    def _segment_done(self, epoch: int, steps: int) -> bool:
        total = self.engine.recipe.steps
        if steps >= total:
            return False
        self._on_progress(epoch, steps / total)
        return self._should_stop()
