"""From a run's record to the job its trainer gets: configs typed, data loaded and compared, checkpoints verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.artefacts import ArtefactRoot, sha256_of
from workbench.families import model_type
from workbench.runs import folder
from workbench.runs.failures import RunFailure
from workbench.runs.job import Job
from workbench.runs.labels import read_labels
from workbench.state import CheckpointRef, RunRecord, Weights

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def prepare(workbench: Workbench, run: RunRecord) -> Job:
    """The job of a claimed run. Raises RunFailure, DatasetError or ArtefactError with a sentence for people."""
    kind = model_type(run.family, run.model_type)
    dataset = workbench.datasets.load(run.dataset_id)
    if dataset.manifest.content_sha256 != run.dataset.content_sha256:
        raise RunFailure(
            f"The dataset {run.dataset_id} is not the one this run was started with: its content has changed. Restore its files, or start a new run."
        )
    architecture, training = kind.architecture(**run.architecture), kind.training(**run.training)
    resolved = kind.resolve({**architecture.model_dump(), **training.model_dump()})
    root = workbench.artefacts
    return Job(
        run_id=run.id,
        attempt=run.attempt,
        architecture=architecture,
        training=training,
        resolved=resolved,
        dataset=dataset,
        sample=root.read_arrays(run.sample.artefact, run.sample.sha256),
        labels=read_labels(root, run.labels_artefact),
        class_names=run.class_names,
        folder=_attempt_folder(root, run),
        fingerprint=run.fingerprint,
        dataset_sha256=run.dataset.content_sha256,
        resume_from=checkpoint_file(root, run.last_checkpoint) if run.attempt > 1 and run.last_checkpoint else None,
        start_from=checkpoint_file(root, run.start_from) if run.start_from else None,
        reset_optimizer=run.reset_optimizer,
    )


def checkpoint_file(root: ArtefactRoot, ref: CheckpointRef | Weights) -> Path:
    """The checkpoint's file, if it is still what was written. Raises RunFailure for a missing or damaged one."""
    path = root.path(ref.path)
    if not path.is_file():
        raise RunFailure(f"The checkpoint {ref.path} is missing. Restore it from a backup, or start a new run.")
    if sha256_of(path) != ref.sha256:
        raise RunFailure(
            f"The checkpoint {ref.path} is damaged: it is not what was written at epoch {ref.epoch}. Restore it from a backup, or start a new run."
        )
    return path


def _attempt_folder(root: ArtefactRoot, run: RunRecord) -> Path:
    root.make_folder(f"{folder.attempt_folder(run.id, run.attempt)}/checkpoints")
    return root.path(folder.attempt_folder(run.id, run.attempt))
