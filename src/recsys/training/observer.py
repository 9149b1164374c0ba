"""How a run's page follows a generated trainer: its epochs, its checkpoints, and a stop. Imports no TensorFlow itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from recsys import histograms
from recsys.training import checkpoints
from recsys.training.checkpoints import Place
from recsys.training.errors import TrialError
from workbench.runs.job import Reporter

CHECKPOINT_SECONDS = 2.0
"""An epoch that took at least this long is kept in a checkpoint."""

LOST_SECONDS = 10.0
"""The most of a training's time that a killed worker loses, shorter epochs than that provided."""

DIVERGED_EPOCHS = 3
DIVERGED_TIMES = 10.0


@dataclass
class RunObserver:
    """What a trainer calls its `observer`.

    Attributes:
        reporter: of the run. total: epochs of the run. rows: train rows. folder: where checkpoints go.
        place: where the training stood when it began, with what it is of and how many devices train.
        histograms_file: where histograms go.
        history: what was told of each epoch of the run, those before a break too; None for what is no number.
    """

    reporter: Reporter
    total: int
    rows: int
    folder: Path
    place: Place
    histograms_file: Path
    last: Path | None = None

    def __post_init__(self) -> None:
        self._first_loss: float | None = None
        self._above = 0
        self._unsaved = 0.0
        self.epoch_seconds: list[float] = []
        self.history: list[Mapping[str, float | None]] = list(self.place.history[: self.place.epoch])

    def should_stop(self) -> bool:
        """Whether the run was asked to stop."""
        return self.reporter.should_stop()

    def batch(self, epoch: int, batches: int, rows: int) -> None:
        """Tell how far an epoch is."""
        self.reporter.progress(epoch, self.total, min(rows / max(self.rows, 1), 1.0))

    def epoch(
        self, epoch: int, figures: Mapping[str, float], state: Callable[[], Mapping[str, np.ndarray]]
    ) -> None:
        """Tell an epoch's figures and keep a checkpoint if the epoch, or those since the last one, took long.

        Raises:
            TrialError: for a loss that is not finite, or that keeps growing.
        """
        self._check(epoch, figures["loss"])
        life = self.place.life + epoch - self.place.epoch
        metrics = {_key(name): value for name, value in figures.items()}
        self.reporter.epoch(epoch, self.total, metrics, life)
        self.history.append(
            {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        )
        self.epoch_seconds.append(figures["epoch_seconds"])
        self._unsaved += figures["epoch_seconds"]
        if figures["epoch_seconds"] >= CHECKPOINT_SECONDS or self._unsaved >= LOST_SECONDS:
            self.save(state(), epoch, 0)

    def histograms(self, epoch: int, layers: Sequence[Mapping[str, Any]]) -> None:
        """Keep an epoch's weights and gradients in bins."""
        histograms.append(self.histograms_file, epoch, layers)

    def save(self, state: Mapping[str, np.ndarray], epoch: int, batch: int) -> Path:
        """Write a checkpoint and tell it."""
        life = self.place.life + epoch - self.place.epoch
        path = self.folder / f"last-{epoch}.npz" if batch == 0 else self.folder / f"last-{epoch}-{batch}.npz"
        place = replace(self.place, epoch=epoch, batch=batch, life=life, history=tuple(self.history))
        checkpoints.write(path, state, place)
        self.reporter.checkpoint(path, "last", epoch)
        if self.last is not None and self.last != path:
            self.last.unlink(missing_ok=True)
        self.last, self._unsaved = path, 0.0
        return path

    def table(self) -> dict[str, Any]:
        """The history as JSON values: `epochs`, and `metrics` by name with a value or None for each epoch."""
        names = dict.fromkeys(name for row in self.history for name in row)
        return {
            "epochs": list(range(1, len(self.history) + 1)),
            "metrics": {name: [row.get(name) for row in self.history] for name in names},
        }

    def _check(self, epoch: int, loss: float) -> None:
        if not math.isfinite(loss):
            raise TrialError("NON_FINITE", f"The loss is no longer a number in epoch {epoch}.")
        if self._first_loss is None:
            self._first_loss = loss
        grown = self._first_loss > 0 and loss > DIVERGED_TIMES * self._first_loss
        self._above = self._above + 1 if grown else 0
        if self._above >= DIVERGED_EPOCHS:
            raise TrialError(
                "DIVERGED", f"The loss has been ten times that of the first epoch since epoch {epoch - 2}."
            )


def _key(name: str) -> str:
    """`loss` -> `train/loss`, `val_mrr` -> `validation/mrr`; `epoch_seconds` stays."""
    if name in ("epoch_seconds", "rows_per_second"):
        return name
    if name.startswith("val_"):
        return f"validation/{name.removeprefix('val_')}"
    return f"train/{name}"
