"""A trained model outside any run: its weights, and all that a forecast of new values needs besides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from traffic.config_data import DataUse
from traffic.data.contract import TrafficData
from traffic.errors import Place, TrafficError
from traffic.intervals.calibration import Calibration
from traffic.intervals.levels import intervals
from traffic.kinds import AnyArchitecture
from traffic.neighbours import Neighbours
from traffic.shapes import DataShape, shape_of
from traffic.training.checkpoint_content import CORRECTIONS, FORMAT, MODEL_TYPES, PARAMETERS, model_type_of, read, scaler_arrays, scaler_of
from traffic.training.errors import CheckpointError
from traffic.using import used
from traffic.windows.profile import Profile
from traffic.windows.scaler import Scaler
from workbench.artefacts import write_atomic

if TYPE_CHECKING:
    from traffic.training.task import Task

_NEIGHBOURS = "neighbours."


@dataclass(frozen=True, eq=False)
class Trained:
    """What a run leaves.

    Attributes:
        architecture: of the network. shape: of its data, with neighbours. parameters: dotted name -> array.
        use: how the data is used. features, units: F inputs in order, and their units. target_names: G of them.
        sensor_ids: N detectors in order.
        interval_s: seconds of a step. scaler, profile: of the training rows. calibration: of quantiles, None where there is none.
        fingerprint: the architecture's identity. scores: errors on the test windows by method, where they are known.
    """

    architecture: AnyArchitecture
    shape: DataShape
    parameters: Mapping[str, np.ndarray]
    use: DataUse
    features: tuple[str, ...]
    units: tuple[str, ...]
    target_names: tuple[str, ...]
    sensor_ids: tuple[str, ...]
    interval_s: int
    scaler: Scaler
    profile: Profile
    calibration: Calibration | None = None
    fingerprint: str = ""
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def lookback(self) -> int:
        """Steps that a forecast looks back on (L)."""
        return self.architecture.sequence_length

    @property
    def horizon(self) -> int:
        """Steps that are forecast (P)."""
        return self.architecture.prediction_length

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Quantiles of a forecast, none for a point forecast."""
        return tuple(self.architecture.quantiles)

    @cached_property
    def weights_sha256(self) -> str:
        """The weights' identity."""
        digest = hashlib.sha256()
        for name in sorted(self.parameters):
            array = np.ascontiguousarray(self.parameters[name])
            digest.update(f"{name} {array.dtype} {array.shape}\n".encode() + array.tobytes())
        return digest.hexdigest()

    @property
    def target_columns(self) -> list[int]:
        """Places of the targets among the features."""
        return [self.features.index(name) for name in self.target_names]

    def selected(self, data: TrafficData) -> TrafficData:
        """The detectors and features of data that the model reads, in its order, with units and zeros as in training.

        Raises:
            TrafficError: MODEL_SENSORS naming the first detector that is not there; DATA_FEATURE, DATA_UNIT; DATA_TIME for another
                interval.
        """
        known = set(data.sensor_ids)
        missing = next((name for name in self.sensor_ids if name not in known), None)
        if missing is not None:
            raise TrafficError(
                "MODEL_SENSORS", f"The model forecasts detector {missing}, which the data does not have.",
                hint=f"Give data of its {len(self.sensor_ids)} detectors.", at=Place(file=data.source.path, sensor_id=missing),
            )  # fmt: skip
        if data.interval_s != self.interval_s:
            raise TrafficError(
                "DATA_TIME", f"The model was trained on steps of {self.interval_s} s, the data has {data.interval_s} s.",
                hint="Give data of that interval.", at=Place(key="data.interval_s", file=data.source.path),
                expected=self.interval_s, found=data.interval_s,
            )  # fmt: skip
        named = {"features": self.features, "targets": self.target_names, "vd_ids": self.sensor_ids, "num_vds": None}
        chosen = used(data, self.use.model_copy(update=named))
        for name, unit, found in zip(self.features, self.units, chosen.units, strict=True):
            if unit != found:
                raise TrafficError(
                    "DATA_UNIT", f"The model reads {name} in {unit}, the data has {found}.", hint="Convert the data first.",
                    at=Place(key="data.convert_units", file=data.source.path), expected=unit, found=found,
                )  # fmt: skip
        return chosen

    def counts(self, truth: np.ndarray) -> np.ndarray:
        """Where a truth was measured, so that an error counts, bool."""
        measured = ~np.isnan(truth)
        return measured if self.use.zeros_as_missing == "none" else measured & (truth != 0)

    def original(self, output: np.ndarray) -> np.ndarray:
        """A network's output (..., N, G), or (..., N, G, K) with quantiles, in the targets' units, float32, quantiles in order."""
        offset, scale = (np.atleast_2d(part)[:, self.target_columns] for part in (self.scaler.offset, self.scaler.scale))
        if not self.quantiles:
            return (output * scale + offset).astype(np.float32)
        return np.sort((output * scale[..., None] + offset[..., None]).astype(np.float32), axis=-1)

    def save(self, path: Path) -> None:
        """Write it whole, as one file that `load` reads. Raises ArtefactError if it cannot be written."""
        header = {
            "family": "traffic", "model_type": model_type_of(self.architecture), "fingerprint": self.fingerprint,
            "architecture": self.architecture.model_dump(mode="json"), "use": self.use.model_dump(mode="json"),
            "features": list(self.features), "units": list(self.units), "target_names": list(self.target_names), "sensor_ids": list(self.sensor_ids),
            "interval_s": self.interval_s, "scaler_method": self.scaler.method, "record": {},
            "scores": {name: {key: float(value) for key, value in each.items()} for name, each in self.scores.items()},
        }  # fmt: skip
        arrays = {
            **{PARAMETERS + name: np.asarray(value) for name, value in self.parameters.items()},
            **scaler_arrays(self.scaler, self.profile),
        }
        if self.shape.neighbours is not None:
            known = self.shape.neighbours
            arrays |= {_NEIGHBOURS + "index": known.index, _NEIGHBOURS + "distance": known.distance, _NEIGHBOURS + "mask": known.mask}
        if self.calibration is not None:
            arrays[CORRECTIONS] = self.calibration.corrections
        write_atomic(path, FORMAT.encode(header, arrays))


def trained_by(task: Task, parameters: Mapping[str, Any], calibration: Calibration | None = None) -> Trained:
    """The model that a task comes to with these weights."""
    ready = task.prepared
    return Trained(
        architecture=task.architecture,  # pyright: ignore[reportArgumentType]
        shape=task.shape,
        parameters={name: np.asarray(value) for name, value in parameters.items()},
        use=task.use,
        features=task.data.features,
        units=task.data.units,
        target_names=ready.target_names,
        sensor_ids=ready.sensor_ids,
        interval_s=ready.interval_s,
        scaler=ready.scaler,
        profile=ready.profile,
        calibration=calibration,
        fingerprint=task.fingerprint,
    )


def load(path: Path) -> Trained:
    """A model that `save` wrote, or the one in a run's checkpoint. Raises CheckpointError for a file that is neither."""
    content = read(path)
    header, arrays = content.header, content.arrays
    if not header.get("features"):
        raise CheckpointError(f"The checkpoint {path} does not say which features it reads. Use one that this version wrote.")
    kind = {name: kind for kind, name in MODEL_TYPES.items()}[header["model_type"]]
    architecture: Any = kind.model_validate(header["architecture"])
    named = {name: arrays[_NEIGHBOURS + name] for name in ("index", "distance", "mask") if _NEIGHBOURS + name in arrays}
    neighbours = Neighbours(**named) if named else None
    scaler, profile = scaler_of(content)
    return Trained(
        architecture=architecture,
        shape=shape_of(architecture, neighbours),
        parameters={name.removeprefix(PARAMETERS): array for name, array in arrays.items() if name.startswith(PARAMETERS)},
        use=DataUse.model_validate(header["use"]),
        features=tuple(header["features"]),
        units=tuple(header["units"]),
        target_names=tuple(header["target_names"]),
        sensor_ids=tuple(header["sensor_ids"]),
        interval_s=int(header["interval_s"]),
        scaler=scaler,
        profile=profile,
        calibration=_calibration(arrays[CORRECTIONS], architecture, len(header["target_names"]), path) if CORRECTIONS in arrays else None,
        fingerprint=header["fingerprint"],
        scores=header.get("scores", {}),
    )


def _calibration(corrections: np.ndarray, architecture: AnyArchitecture, targets: int, path: Path) -> Calibration:
    """Corrections as they were kept. Raises CheckpointError for those of another model."""
    quantiles, sensors = tuple(architecture.quantiles), corrections.shape[2] if corrections.ndim == 4 else 0
    expected = (len(intervals(quantiles)), architecture.prediction_length, sensors, targets)
    if corrections.shape != expected or sensors not in (1, architecture.num_sensors):
        raise CheckpointError(f"The checkpoint {path} holds corrections of intervals that are not this model's. Use an earlier checkpoint.")
    return Calibration(quantiles, corrections)
