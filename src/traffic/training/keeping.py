"""The keeper of a run's checkpoints."""

from __future__ import annotations

from pathlib import Path

from traffic.training.checkpoint import Saved, save
from traffic.training.errors import CheckpointError
from traffic.training.state import TrainState
from workbench.runs.job import Reporter
from workbench.runs.keeping import Keeper


def keeper_of(folder: Path, saved: Saved, reporter: Reporter) -> Keeper[TrainState]:
    """A keeper that writes to `folder` and tells the reporter."""
    return Keeper(
        folder,
        write=lambda path, state, record: save(path, state, saved, record),
        place=lambda state: (int(state.epoch), int(state.position)),
        announce=lambda path, kind, epoch: reporter.checkpoint(path, kind, epoch),
        error=CheckpointError,
    )
