"""What a checkpoint file of this family holds, and whether it fits an architecture. No framework is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from traffic.config_architecture import Architecture
from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.training.errors import CheckpointError
from traffic.windows.profile import Profile
from traffic.windows.scaler import Scaler
from workbench.checkpoint_file import CheckpointFile, CheckpointFormat
from workbench.fields import ConfigModel, show_value, structural_fields

FORMAT = CheckpointFormat(b"trellis traffic checkpoint\n", "a forecasting model", CheckpointError)
MODEL_TYPES: Mapping[type[Architecture], str] = {
    LSTMArchitecture: "lstm", XLSTMArchitecture: "xlstm", TransformerArchitecture: "transformer",
}  # fmt: skip
PARAMETERS = "parameters."
CORRECTIONS = "calibration.corrections"
"""Of a model with quantiles (see `Calibration`)."""
SHOWN = 3


@dataclass(frozen=True)
class Identity:
    """What a checkpoint belongs to.

    Attributes:
        model_type: lstm, xlstm or transformer. architecture, training: the configs as given. resolved: both flat, autos replaced.
        fingerprint: the architecture's identity. dataset_sha256: the data's. use: how the data is used, as plain values.
        sensor_ids: N names in the order of inputs. target_names: G. features, units: F names and their units, which need be known to
            go on from it alone.
    """

    model_type: str
    architecture: Architecture
    training: ConfigModel
    resolved: Mapping[str, Any]
    fingerprint: str
    dataset_sha256: str
    use: Mapping[str, Any]
    sensor_ids: tuple[str, ...]
    target_names: tuple[str, ...]
    features: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def header(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "family": "traffic",
            "model_type": self.model_type,
            "fingerprint": self.fingerprint,
            "dataset_sha256": self.dataset_sha256,
            "architecture": self.architecture.model_dump(mode="json"),
            "training": self.training.model_dump(mode="json"),
            "resolved": {name: _plain(value) for name, value in self.resolved.items()},
            "use": dict(self.use),
            "sensor_ids": list(self.sensor_ids),
            "target_names": list(self.target_names),
            "features": list(self.features),
            "units": list(self.units),
        }


def model_type_of(architecture: Architecture) -> str:
    """The model type that an architecture is of."""
    return MODEL_TYPES[type(architecture)]


def read(path: Path) -> CheckpointFile:
    """Read and check a file. Raises CheckpointError."""
    content = FORMAT.read(path)
    missing = sorted({"fingerprint", "model_type", "sensor_ids", "record"} - content.header.keys())
    if missing:
        raise CheckpointError(f"The checkpoint {path} lacks {', '.join(missing)}. Use an earlier checkpoint.")
    return content


def require_fit(content: CheckpointFile, identity: Identity, shapes: Mapping[str, Sequence[int]], path: Path) -> None:
    """Raise CheckpointError, naming what differs, for a checkpoint of another architecture, other detectors or other data."""
    found = mismatches(content, identity.fingerprint, identity.resolved, type(identity.architecture), shapes)
    if found:
        raise CheckpointError(
            f"The checkpoint {path} belongs to another architecture: {'; '.join(found)}. Use this model's own checkpoints.", "MODEL_SHAPE"
        )
    theirs = tuple(content.header["sensor_ids"])
    if theirs != identity.sensor_ids:
        place, here, there = _first_difference(identity.sensor_ids, theirs)
        raise CheckpointError(
            f"The checkpoint {path} was trained on other detectors: detector {place + 1} is {there} there and {here} here. "
            "Give the same detectors in the same order.",
            "MODEL_SENSORS",
        )
    if identity.dataset_sha256 and content.header.get("dataset_sha256") not in ("", identity.dataset_sha256):
        raise CheckpointError(
            f"The checkpoint {path} was trained on other data: the dataset's content has changed since. Restore the dataset."
        )


def mismatches(
    content: CheckpointFile,
    fingerprint: str,
    resolved: Mapping[str, Any],
    architecture: type[ConfigModel],
    shapes: Mapping[str, Sequence[int]],
) -> list[str]:
    """What keeps a checkpoint from being loaded into an architecture, in words; empty if nothing does.

    Args:
        shapes: of every parameter that the architecture has, by name.
    """
    header, found = content.header, []
    if header["fingerprint"] != fingerprint:
        found += _differing(header.get("resolved", {}), resolved, architecture) or [
            f"its fingerprint is {header['fingerprint']}, the model's is {fingerprint}"
        ]
    actual = {name.removeprefix(PARAMETERS): tuple(array.shape) for name, array in content.arrays.items() if name.startswith(PARAMETERS)}
    expected = {name: tuple(shape) for name, shape in shapes.items()}
    problems = [
        *(f"{name} is missing" for name in sorted(expected.keys() - actual.keys())),
        *(f"{name} is not of this model" for name in sorted(actual.keys() - expected.keys())),
        *(
            f"{name} has shape {_shape(actual[name])}, the model needs {_shape(expected[name])}"
            for name in sorted(expected.keys() & actual.keys())
            if actual[name] != expected[name]
        ),
    ]
    if len(problems) > SHOWN:
        problems = [*problems[:SHOWN], f"and {len(problems) - SHOWN} more parameters differ"]
    return found + problems


def scaler_arrays(scaler: Scaler, profile: Profile) -> dict[str, np.ndarray]:
    """What a forecast of other rows needs besides weights, by name."""
    return {
        "scaler.offset": scaler.offset, "scaler.scale": scaler.scale,
        "profile.weekly": profile.weekly, "profile.daily": profile.daily, "profile.mean": profile.mean,
    }  # fmt: skip


def scaler_of(content: CheckpointFile) -> tuple[Scaler, Profile]:
    """The scaler and the profile that a checkpoint's network was trained with."""
    arrays, header = content.arrays, content.header
    scaler = Scaler(header["scaler_method"], arrays["scaler.offset"], arrays["scaler.scale"])
    return scaler, Profile(arrays["profile.weekly"], arrays["profile.daily"], arrays["profile.mean"], header["interval_s"])


def _differing(saved: Mapping[str, Any], resolved: Mapping[str, Any], architecture: type[ConfigModel]) -> list[str]:
    lines = []
    for spec in structural_fields(architecture):
        before, now = _plain(saved.get(spec.name)), _plain(resolved.get(spec.name))
        if before != now:
            lines.append(f"{spec.name} is {show_value(before)} in the checkpoint and {show_value(now)} in the model")
    return lines


def _first_difference(here: Sequence[str], there: Sequence[str]) -> tuple[int, str, str]:
    pairs = zip_longest(here, there, fillvalue="absent")
    return next((place, mine, theirs) for place, (mine, theirs) in enumerate(pairs) if mine != theirs)


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value


def _shape(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape)) or "a single number"
