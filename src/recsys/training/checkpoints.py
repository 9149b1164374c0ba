"""Checkpoints of recommenders: one `.npz` with all arrays of a training and where it stands."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.artefacts import ArtefactError, unpack_arrays, write_atomic
from workbench.fields import ConfigModel, fingerprint

MODEL_TYPE = "recommender"

_META = "about.json"


@dataclass(frozen=True)
class Place:
    """Where a training stands.

    Attributes:
        fingerprint: of the architecture. dataset: sha256 of the data.
        epoch, batch: epochs that are done, and batches of the next. life: epochs of the weights' whole life.
        history: what was told of each epoch of the run that is done, by name; None for what is no number.
        devices: that trained last.
    """

    fingerprint: str
    dataset: str
    epoch: int
    batch: int
    life: int
    history: Sequence[Mapping[str, float | None]] = ()
    devices: int = 1


def write(path: Path, state: Mapping[str, np.ndarray], place: Place) -> None:
    """Write a checkpoint in one step. Raises ArtefactError if it cannot be written."""
    about = np.frombuffer(json.dumps(asdict(place), allow_nan=False).encode(), np.uint8)
    buffer = io.BytesIO()
    # not compressed: trained weights hardly shrink, and a stop waits for the file
    np.savez(buffer, **{**state, _META: about})  # pyright: ignore[reportArgumentType]
    write_atomic(path, buffer.getvalue())


def read(path: Path) -> tuple[dict[str, np.ndarray], Place]:
    """A checkpoint's arrays and place. Raises ArtefactError for one that cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtefactError(
            f"The checkpoint {path.name} cannot be read: {error.strerror or error}."
        ) from error
    arrays = unpack_arrays(data, f"The checkpoint {path.name}")
    try:
        told = json.loads(arrays.pop(_META).tobytes())
        place = Place(**told | {"history": tuple(told["history"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(f"The checkpoint {path.name} does not say where it stands.") from error
    return arrays, place


def audit(path: Path | str, configs: Mapping[str, ConfigModel], resolved: Mapping[str, Any]) -> list[str]:
    """Why a checkpoint does not fit a model, in sentences; empty if it does."""
    try:
        _, place = read(Path(path))
    except ArtefactError as error:
        return [str(error)]
    own = fingerprint(MODEL_TYPE, configs.values(), resolved)
    if place.fingerprint == own:
        return []
    return [f"The checkpoint is of the architecture {place.fingerprint}, the model's is {own}."]
