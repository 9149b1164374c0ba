"""Training from a plain script: a task made from values and data, and a reporter that prints or keeps quiet.

Example::

    from pathlib import Path

    from traffic.data.csv_wide import read
    from traffic.training.script import PrintingReporter, make_task
    from traffic.training.trainer import train

    task = make_task(read(Path("speed.csv.gz")), "lstm", folder=Path("out"), training={"epochs": 5})
    print(train(task, PrintingReporter()).headline)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from traffic.config_data import DataUse
from traffic.config_training import Training
from traffic.data.contract import TrafficData
from traffic.training.checkpoint_content import MODEL_TYPES
from traffic.training.task import Task
from traffic.using import used
from workbench.fields import fingerprint, flat_values

SHOWN = ("train/loss", "validation/loss", "validation/masked_mae", "train/windows_per_second", "epoch_seconds")


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
        more: further fields of the task (`resume_from`, `start_from`, ...), and `edges`.

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


@dataclass
class QuietReporter:
    """Keeps what it is told.

    Attributes:
        logs: (level, message). epochs: flat metrics of each epoch. told: the newest diagnostics by name, telling: all.
        checkpoints: (path, kind, epoch). progressed: (epoch, fraction). stop_after: epochs after which it asks to stop; None never does.
    """

    stop_after: int | None = None
    logs: list[tuple[str, str]] = field(default_factory=list)
    epochs: list[dict[str, float | None]] = field(default_factory=list)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    telling: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    checkpoints: list[tuple[Path, str, int]] = field(default_factory=list)
    progressed: list[tuple[int, float]] = field(default_factory=list)

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Keep a line."""
        self.logs.append((level, message))

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        """Keep where the epoch stands."""
        del total
        self.progressed.append((epoch, fraction))

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Keep an epoch's metrics."""
        del epoch, total, life_epoch
        self.epochs.append(dict(metrics))

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep diagnostics."""
        self.told[name] = dict(values)
        self.telling.setdefault(name, []).append(dict(values))

    def checkpoint(self, path: Path, kind: Literal["best", "last"], epoch: int) -> None:
        """Keep a checkpoint's place."""
        self.checkpoints.append((path, kind, epoch))

    def finishing(self) -> None:
        """Nothing to note: a script has no deadline."""

    def should_stop(self) -> bool:
        """Whether `stop_after` epochs are done."""
        return self.stop_after is not None and len(self.epochs) >= self.stop_after


class PrintingReporter(QuietReporter):
    """Prints log lines and a line an epoch."""

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Print a line."""
        super().log(message, level)
        print(message if level == "info" else f"{level}: {message}", flush=True)

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Print an epoch's main metrics."""
        super().epoch(epoch, total, metrics, life_epoch)
        shown = "  ".join(f"{name} {metrics[name]:.4g}" for name in SHOWN if metrics.get(name) is not None)
        print(f"epoch {epoch}/{total}  {shown}", flush=True)
