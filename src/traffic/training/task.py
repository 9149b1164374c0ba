"""What a run trains: a job of the run machinery, or of a plain script, with this family's own types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from traffic.config_data import DataUse
from traffic.config_training import Training
from traffic.data.contract import TrafficData
from traffic.kinds import AnyArchitecture
from traffic.neighbours import Neighbours, of_data
from traffic.shapes import DataShape, require_fit, shape_of
from traffic.using import prepared, used
from traffic.windows.prepare import Prepared
from workbench.runs.job import Job


@dataclass(frozen=True)
class Task:
    """What to train.

    Attributes:
        run_id, attempt: which run and which try of it.
        architecture, training: the validated configs. resolved: both flat, autos replaced.
        use: how the data is used. data: the series with the chosen detectors and features. prepared: it, made ready. shape: its sizes.
        folder: this attempt's folder, exists. Checkpoints go to `folder / "checkpoints"`.
        resume_from, start_from, reset_optimizer, fingerprint, dataset_sha256: as of a `Job`.
    """

    run_id: str
    attempt: int
    architecture: AnyArchitecture
    training: Training
    resolved: Mapping[str, Any]
    use: DataUse
    data: TrafficData
    prepared: Prepared
    shape: DataShape
    folder: Path
    fingerprint: str = ""
    dataset_sha256: str = ""
    resume_from: Path | None = None
    start_from: Path | None = None
    reset_optimizer: bool = False

    @classmethod
    def of(cls, job: Job) -> Task:
        """The task behind a job of the run machinery. Raises TrafficError for data that does not go with the model."""
        architecture, training = cast(AnyArchitecture, job.configs["architecture"]), cast(Training, job.configs["training"])
        return cls.made(
            architecture, training, job.inputs.use, job.dataset.data, run_id=job.run_id, attempt=job.attempt,
            resolved=job.resolved, folder=job.folder, fingerprint=job.fingerprint, dataset_sha256=job.dataset_sha256,
            resume_from=job.resume_from, start_from=job.start_from, reset_optimizer=job.reset_optimizer,
        )  # fmt: skip

    @classmethod
    def made(
        cls, architecture: AnyArchitecture, training: Training, use: DataUse, data: TrafficData, **others: Any
    ) -> Task:  # fmt: skip
        """A task on data as it was read, from which the chosen detectors and features are taken here; `others` are its further fields.

        Raises TrafficError for data that does not go with the use or the architecture.
        """
        ready = prepared(data, use, architecture.sequence_length, architecture.prediction_length)
        seen = used(data, use)
        shape = shape_of(architecture, neighbours_of(architecture, use, seen))
        require_fit(architecture, _found(ready, use, shape))
        return cls(architecture=architecture, training=training, use=use, data=seen, prepared=ready, shape=shape, **others)


def neighbours_of(architecture: AnyArchitecture, use: DataUse, data: TrafficData) -> Neighbours | None:
    """The neighbours that social pooling reads, None without it. Raises TrafficError (DATA_COORDS)."""
    pooling = architecture.social_pooling
    if not pooling.enabled:
        return None
    return of_data(data, use.neighbours, knn_k=pooling.knn_k, radius_m=pooling.radius_m)


def _found(ready: Prepared, use: DataUse, shape: DataShape) -> DataShape:
    """The sizes of data as they are."""
    _, sensors, features = ready.inputs.shape
    masks = features * (1 if use.share_weights_across_vds else sensors) if use.mask_as_input else 0
    return DataShape(
        sensors=sensors, features=features, targets=len(ready.target_names), exog=2 * len(use.time_features) + masks,
        slots_per_day=86_400 // ready.interval_s, shared=use.share_weights_across_vds, neighbours=shape.neighbours,
    )  # fmt: skip
