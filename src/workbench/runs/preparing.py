"""From a run's record to the job its trainer gets: configs typed, data loaded and compared, checkpoints verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.artefacts import ArtefactRoot, sha256_of
from workbench.families import model_type
from workbench.runs import folder
from workbench.runs.failures import RunFailure
from workbench.runs.job import Job
from workbench.state import CheckpointRef, RunRecord, Weights
from workbench.values import configs_of, resolved_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def prepare(workbench: Workbench, run: RunRecord) -> Job:
    """The job of a claimed run. Raises RunFailure, DatasetError or ArtefactError with a sentence for people."""
    kind = model_type(run.family, run.model_type)
    root, holds = workbench.artefacts, kind.holds
    held = holds.run_payload.model_validate(run.payload)
    return Job(
        run_id=run.id,
        attempt=run.attempt,
        configs=configs_of(kind, run.config),
        resolved=resolved_of(kind, run.config),
        dataset=_data(workbench, run),
        inputs=None if holds.inputs is None else holds.inputs.load()(held, root),
        folder=_attempt_folder(root, run),
        fingerprint=run.fingerprint,
        dataset_sha256=run.dataset.content_sha256 if run.dataset else "",
        resume_from=checkpoint_file(root, run.last_checkpoint) if run.attempt > 1 and run.last_checkpoint else None,
        start_from=checkpoint_file(root, run.start_from) if run.start_from else None,
        reset_optimizer=run.reset_optimizer,
    )


def _data(workbench: Workbench, run: RunRecord) -> Any:
    """The run's data, if it has any and it still is what the run was started with."""
    dataset_id = workbench.state().dataset_of(run)
    if dataset_id is None or run.dataset is None:
        return None
    loaded = workbench.datasets.load(dataset_id)
    now = workbench.state().datasets[dataset_id].manifest
    if now is None or now.content_sha256 != run.dataset.content_sha256:
        raise RunFailure(
            f"The dataset {dataset_id} is not the one this run was started with: its content has changed. Restore its files, or start a new run."
        )
    return loaded


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
