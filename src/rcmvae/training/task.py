"""What a run of an RCM-VAE trains: a job of the run machinery, or of a plain script, with this family's own types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rcmvae.data.loaded import LoadedDataset
from workbench.fields import ConfigModel
from workbench.runs.job import Job


@dataclass(frozen=True)
class Task:
    """What to train.

    Attributes:
        run_id, attempt: which run and which try of it.
        architecture, training: the validated configs. resolved: both flat, autos replaced.
        dataset: the loaded data (true labels included, for evaluation only).
        sample: int32 index arrays `train`, `validation`, `test`, `initially_labelled` of dataset rows.
        labels: dataset row -> class, what the model may see. class_names: the label vocabulary.
        merged: class -> the class that it was merged into: an image of the one counts as of the other.
        folder: this attempt's folder, exists. Checkpoints go to `folder / "checkpoints"`.
        resume_from, start_from, reset_optimizer, fingerprint, dataset_sha256: as of a `Job`.
    """

    run_id: str
    attempt: int
    architecture: ConfigModel
    training: ConfigModel
    resolved: Mapping[str, Any]
    dataset: LoadedDataset
    sample: Mapping[str, Any]
    labels: Mapping[int, int]
    class_names: tuple[str, ...]
    folder: Path
    fingerprint: str
    dataset_sha256: str
    resume_from: Path | None = None
    start_from: Path | None = None
    reset_optimizer: bool = False
    merged: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Job) -> Task:
        """The task behind a job of the run machinery."""
        return cls(
            run_id=job.run_id,
            attempt=job.attempt,
            architecture=job.configs["architecture"],
            training=job.configs["training"],
            resolved=job.resolved,
            dataset=job.dataset,
            sample=job.inputs.sample,
            labels=job.inputs.labels,
            class_names=job.inputs.class_names,
            folder=job.folder,
            fingerprint=job.fingerprint,
            dataset_sha256=job.dataset_sha256,
            resume_from=job.resume_from,
            start_from=job.start_from,
            reset_optimizer=job.reset_optimizer,
            merged=job.inputs.merged,
        )
