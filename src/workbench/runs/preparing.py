"""From a run's record to the job its trainer gets: configs typed, data loaded and compared, checkpoints verified."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from workbench.artefacts import ArtefactError, ArtefactRoot, DiskFull, UnsafePath, Working, sha256_of
from workbench.families import model_type
from workbench.runs import folder
from workbench.runs.failures import RunFailure
from workbench.runs.job import Job
from workbench.state import CheckpointRef, RunRecord, Weights
from workbench.values import configs_of, resolved_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def prepare(workbench: Workbench, run: RunRecord, working: Working) -> Job:
    """The job of a claimed run. Raises RunFailure, DatasetError, ArtefactError or ArtefactsAway with a sentence for people.

    Args:
        working: the run's folder, in which the trainer writes.
    """
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
        folder=_attempt_folder(working, run),
        fingerprint=run.fingerprint,
        dataset_sha256=run.dataset.content_sha256 if run.dataset else "",
        resume_from=_resumed(run, working) if run.attempt > 1 else None,
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
    """The checkpoint's file, if it is still what was written. Raises RunFailure for a missing or damaged one, ArtefactsAway."""
    try:
        return root.verified(ref.path, ref.sha256)
    except UnsafePath:
        raise
    except DiskFull as error:
        raise RunFailure(str(error)) from error
    except ArtefactError as error:
        raise (_damaged(ref) if root.exists(ref.path) else _missing(ref)) from error


def _resumed(run: RunRecord, working: Working) -> Path | None:
    """The checkpoint to go on from, among all that its attempt left beside it. Raises as `checkpoint_file`, ArtefactError."""
    ref = run.last_checkpoint
    if ref is None:
        return None
    within = PurePosixPath(ref.path).relative_to(folder.folder_of(run.id))
    working.fetch(within.parts[0])
    return _sound(working.path / within, ref)


def _sound(path: Path, ref: CheckpointRef | Weights) -> Path:
    if not path.is_file():
        raise _missing(ref)
    if sha256_of(path) != ref.sha256:
        raise _damaged(ref)
    return path


def _missing(ref: CheckpointRef | Weights) -> RunFailure:
    return RunFailure(f"The checkpoint {ref.path} is missing. Restore it from a backup, or start a new run.")


def _damaged(ref: CheckpointRef | Weights) -> RunFailure:
    return RunFailure(
        f"The checkpoint {ref.path} is damaged: it is not what was written at epoch {ref.epoch}. Restore it from a backup, or start a new run."
    )


def _attempt_folder(working: Working, run: RunRecord) -> Path:
    place = working.path / f"attempt-{run.attempt}"
    (place / "checkpoints").mkdir(parents=True, exist_ok=True)
    return place
