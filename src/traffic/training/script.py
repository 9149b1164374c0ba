"""Training from a plain script: a task made from values and data.

Example::

    from pathlib import Path

    from traffic.data.csv_wide import read
    from traffic.metrics_declared import WATCHED
    from traffic.training.script import make_task
    from traffic.training.trainer import train
    from workbench.runs.scripted import PrintingReporter

    task = make_task(read(Path("speed.csv.gz")), "lstm", folder=Path("out"), training={"epochs": 5})
    print(train(task, PrintingReporter(WATCHED)).headline)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traffic.config_data import DataUse
from traffic.config_training import Training
from traffic.data.contract import TrafficData
from traffic.training.checkpoint_content import MODEL_TYPES
from traffic.training.task import Task
from traffic.using import used
from workbench.fields import fingerprint, flat_values


def make_task(
    data: TrafficData,
    model_type: str,
    *,
    folder: Path,
    architecture: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    use: Mapping[str, Any] | None = None,
    **more: Any,
) -> Task:
    """A task on data as it was read.

    Args:
        model_type: lstm, xlstm or transformer. folder: where files go; created.
        architecture, training, use: values over the defaults, nested as the types are; what follows from the data is filled in here.
        more: further fields of the task (`resume_from`, `start_from`, ...).

    Raises:
        pydantic.ValidationError: for a value that is refused. TrafficError: for data that does not go with them.
    """
    kinds = {name: kind for kind, name in MODEL_TYPES.items()}
    used_as, trained = DataUse.model_validate(use or {}), Training.model_validate(training or {})
    built = kinds[model_type].model_validate({**sizes(used(data, used_as), used_as), **(architecture or {})})
    resolved = {**flat_values(built), **flat_values(trained)}
    folder.mkdir(parents=True, exist_ok=True)
    given: dict[str, Any] = {"run_id": "script", "attempt": 1, "fingerprint": fingerprint(model_type, built, resolved), **more}
    return Task.made(built, trained, used_as, data, resolved=resolved, folder=folder, **given)  # pyright: ignore[reportArgumentType]


def sizes(data: TrafficData, use: DataUse) -> dict[str, Any]:
    """Fields of an architecture that follow from the chosen data and from how it is used."""
    _, sensors, features = data.shape
    shared = use.share_weights_across_vds
    width = 1 if shared else sensors
    return {
        "input_size": features * width,
        "output_size": len(data.targets or data.features) * width,
        "exog_size": 2 * len(use.time_features) + (features * width if use.mask_as_input else 0),
        "num_sensors": sensors,
        "shared_weights": shared,
        "slots_per_day": 86_400 // data.interval_s,
        "sensor_embedding_dim": 16 if shared and sensors > 1 else 0,
        "sequence_length": use.window.sequence_length or 12,
        "prediction_length": use.window.prediction_length or 12,
    }
