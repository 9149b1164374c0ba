"""The keeper of a run's checkpoints."""

from __future__ import annotations

from pathlib import Path

from rcmvae.training.checkpoint import Identity, save
from rcmvae.training.errors import CheckpointError
from rcmvae.training.state import TrainState
from workbench.runs.job import Reporter
from workbench.runs.keeping import Keeper


def keeper_of(folder: Path, identity: Identity, reporter: Reporter, *, labelled: bool) -> Keeper[TrainState]:
    """A keeper that writes to `folder` and tells the reporter. `labelled`: whether training images have labels."""
    return Keeper(
        folder,
        write=lambda path, state, record: save(path, state, identity, record, labelled=labelled),
        place=lambda state: (int(state.run_epoch), int(state.position)),
        announce=lambda path, kind, epoch: reporter.checkpoint(path, kind, epoch),
        error=CheckpointError,
    )
