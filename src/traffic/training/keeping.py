"""The keeper of a run's checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from traffic.intervals.calibration import Calibration
from traffic.training.checkpoint import Saved, save
from traffic.training.errors import CheckpointError
from traffic.training.optimiser import Parameters
from traffic.training.state import TrainState
from workbench.runs.job import Reporter
from workbench.runs.keeping import BEST_FILE, Keeper


def keeper_of(
    folder: Path, saved: Saved, reporter: Reporter, calibrated: Callable[[Parameters], Calibration | None] = lambda _: None
) -> Keeper[TrainState]:  # fmt: skip
    """A keeper that writes to `folder` and tells the reporter.

    Args:
        calibrated: corrections of the quantiles of a network with these weights, which the checkpoint of the best epoch gets.
    """

    def write(path: Path, state: TrainState, record: Mapping[str, Any]) -> None:
        best = record.get(BEST_FILE) == path.name
        save(path, state, saved, record, calibrated(state.parameters) if best else None)

    return Keeper(
        folder,
        write=write,
        place=lambda state: (int(state.epoch), int(state.position)),
        announce=lambda path, kind, epoch: reporter.checkpoint(path, kind, epoch),
        error=CheckpointError,
    )
