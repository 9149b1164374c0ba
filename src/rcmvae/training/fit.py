"""The loop over epochs: early stopping, the best state, stops and histories. It writes no file and reports to nobody."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import jax
import numpy as np

from parallel.crew import agreed
from parallel.mesh import copied
from rcmvae.training.engine import Engine, EpochResult
from rcmvae.training.errors import NonFiniteError
from rcmvae.training.mixture_report import MixtureReport, mixture_report
from rcmvae.training.monitor import chosen_by, improves, monitored
from rcmvae.training.record import RunRecord
from rcmvae.training.state import TrainState
from workbench.runs.job import EpochReport


@dataclass(frozen=True)
class MixtureEpochReport(EpochReport):
    """The same with live diagnostics of the components, if there are any."""

    mixture: MixtureReport | None = None


class Fit:
    """A run under way.

    Attributes:
        state: where training stands. completed: a copy of it after the last finished epoch.
        best: the state of the best epoch, None while that lies in a checkpoint of an earlier attempt; its counts are exact once it is
            `settled`.
        monitor: the validation metric that chooses the best epoch, None without validation; chosen_by: the same in words.
        record: histories and the best epoch's number. outcome: set when `epochs` has ended.
    """

    def __init__(
        self,
        engine: Engine,
        state: TrainState,
        record: RunRecord,
        *,
        should_stop: Callable[[], bool] = lambda: False,
        on_progress: Callable[[int, float], None] = lambda epoch, fraction: None,
        exact_epochs: int = 1,
    ) -> None:
        recipe = engine.recipe
        self.engine = engine
        self.state = state
        self.record = record
        self.completed = copied(state)
        self.best: TrainState | None = None
        self.outcome: Literal["completed", "stopped"] = "completed"
        labelled = int(np.sum(engine.data.validation_labels >= 0))
        self.monitor = monitored(
            recipe.settings, n_validation=recipe.n_validation, labelled_validation=labelled, has_classes=recipe.classifier is not None
        )
        self.chosen_by = chosen_by(self.monitor, labelled_validation=labelled) if self.monitor else ""
        self._should_stop = should_stop
        self._on_progress = on_progress
        self._exact_epochs = exact_epochs
        self._best_exact = True

    def epochs(self) -> Iterator[MixtureEpochReport]:
        """Train epoch by epoch until the run ends; not at all if it had ended before it was resumed. Raises NonFiniteError."""
        settings = self.engine.recipe.settings
        total = settings.max_epochs
        while int(self.state.run_epoch) < total and not self._patience_spent():
            epoch = int(self.state.run_epoch) + 1
            started = time.perf_counter()
            done_before = int(self.state.position)
            self.state, finished = self.engine.train_epoch(self.state, lambda steps, epoch=epoch: self._chunk_done(epoch, steps))
            broken = self.engine.broken(self.state)
            if broken is not None:
                raise NonFiniteError(epoch, broken[1], broken[0])
            if not finished:
                self.outcome = "stopped"
                self.record.seconds += agreed(time.perf_counter() - started)
                return
            report = self._close(epoch, total, started, done_before)
            yield report
            if not report.last and self._should_stop():
                self.outcome = "stopped"
                return

    def settled(self) -> TrainState | None:
        """The best state with tau's counts over all labelled images, which an epoch between checkpoints takes over a part of them."""
        if self.best is not None and not self._best_exact:
            self.best, self._best_exact = self.engine.recount(self.best), True
        return self.best

    def _close(self, epoch: int, total: int, started: float, done_before: int) -> MixtureEpochReport:
        recipe, record = self.engine.recipe, self.record
        exact = not self.engine.samples_labels or epoch % self._exact_epochs == 0 or epoch == total
        self.state, result = self.engine.close_epoch(self.state, exact=exact)
        _check_validation(epoch, recipe.steps, result)
        judged, opened = None, None
        if recipe.curriculum and result.validation:
            judged = copied(self.state)
            self.state, opened = self.engine.unlock(self.state, result.validation["reconstruction_loss"])
        self.completed = copied(self.state)
        jax.block_until_ready(self.completed.life_epoch)
        seconds = agreed(time.perf_counter() - started)
        record.seconds += seconds
        improved = self._judge(epoch, result, self.completed if opened is None or judged is None else judged)
        self._best_exact = exact if improved else self._best_exact
        if opened is not None:
            # with another component open, what was best before is no measure any more
            record.best_value, record.since_best = None, 0
        last = epoch == total or self._patience_spent()
        if last and not exact:
            self.state = self.engine.recount(self.state)
            self.completed = copied(self.state)
        life_epoch = int(self.state.life_epoch)
        images = recipe.n_train * (recipe.steps - done_before) / recipe.steps
        metrics = _flat(result) | {"train/examples_per_second": images / max(seconds, 1e-9), "epoch_seconds": seconds}
        mixture = mixture_report(self.engine, self.state, result, opened) if recipe.mixture else None
        record.epochs.append(life_epoch)
        record.metrics.append(metrics)
        every = recipe.settings.mixture_history_log_every
        if mixture is not None:
            record.idle = mixture.idle_epochs(record.idle)
            if every and life_epoch % every == 0:
                record.mixture_epochs.append(life_epoch)
                record.pi.append(mixture.pi)
                record.usage.append(mixture.usage)
                record.hardness.append(result.validation.get("max_responsibility", result.train["max_responsibility"]))
                record.temperature.append(mixture.temperature)
                record.active.append(mixture.active)
        return MixtureEpochReport(epoch, total, life_epoch, metrics, improved, last, mixture)

    def _judge(self, epoch: int, result: EpochResult, state: TrainState) -> bool:
        record = self.record
        if self.monitor is None:
            value, better = None, True
        else:
            value = result.validation[self.monitor]
            better = improves(self.monitor, value, record.best_value, self.engine.recipe.settings.min_delta)
        if better:
            record.best_epoch, record.best_value, record.since_best = epoch, value, 0
            self.best = state
        else:
            record.since_best += 1
        return better

    def _patience_spent(self) -> bool:
        patience = self.engine.recipe.settings.patience
        return self.monitor is not None and patience > 0 and self.record.since_best >= patience

    def _chunk_done(self, epoch: int, steps: int) -> bool:
        total = self.engine.recipe.steps
        if steps >= total:
            return False
        self._on_progress(epoch, steps / total)
        return self._should_stop()


def _flat(result: EpochResult) -> dict[str, float | None]:
    flat: dict[str, float | None] = {f"train/{name}": value for name, value in result.train.items()}
    return flat | {f"validation/{name}": value for name, value in result.validation.items()}


def _check_validation(epoch: int, steps: int, result: EpochResult) -> None:
    for name, value in result.validation.items():
        if not math.isfinite(value):
            raise NonFiniteError(epoch, steps, f"the validation's {name}")
