"""The files that rows name with a checksum: weights, checkpoints and imported data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench import families
from workbench.state import AppState


@dataclass(frozen=True)
class NamedFile:
    """A file below the artefact root: its name, what it must come to, and which record says so, in words."""

    name: str
    sha256: str
    by: str


def named_files(state: AppState) -> tuple[NamedFile, ...]:
    """Every such file of the records that are not deleted, each once."""
    return tuple({found.name: found for found in _named(state)}.values())


def _named(state: AppState) -> Iterator[NamedFile]:
    for model in state.models.values():
        if model.deleted_at is None and model.weights is not None:
            yield NamedFile(model.weights.path, model.weights.sha256, f"the weights of model #{model.number} {model.name}")
    for run in state.runs.values():
        if run.deleted_at is None:
            for ref in (run.best_checkpoint, run.last_checkpoint):
                if ref is not None:
                    yield NamedFile(ref.path, ref.sha256, f"a checkpoint of run #{run.number}")
    for dataset in state.datasets.values():
        if dataset.deleted_at is None and dataset.manifest is not None and families.is_imported(dataset):
            for file in dataset.manifest.files:
                yield NamedFile(file.path, file.sha256, f"the data of {dataset.name}")
