"""Saving and restoring the whole training state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rcmvae.device import on_device
from rcmvae.model.plan import NetworkPlan
from rcmvae.training.codec import CheckpointFile, encode, read
from rcmvae.training.errors import CheckpointError
from rcmvae.training.mismatch import mismatches
from rcmvae.training.state import CurriculumState, EpochSums, TrainState, all_open
from workbench.artefacts import ArtefactError, write_atomic
from workbench.fields import ConfigModel

LIBRARIES = ("trellis", "jax", "jaxlib", "flax", "optax", "numpy")


@dataclass(frozen=True)
class Identity:
    """What a checkpoint belongs to.

    Attributes:
        architecture, training: the configs as given. resolved: both flat, autos replaced.
        fingerprint: the architecture's identity. dataset_sha256: the data's. class_names: the label vocabulary.
    """

    architecture: ConfigModel
    training: ConfigModel
    resolved: Mapping[str, Any]
    fingerprint: str
    dataset_sha256: str
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Restored:
    """A checkpoint put back: the state, the `record` that was saved with it, and whether it was `labelled`: trained with labels,
    without which a classifier's answers mean nothing."""

    state: TrainState
    labelled: bool
    record: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)


def save(path: Path, state: TrainState, identity: Identity, record: Mapping[str, Any], *, labelled: bool) -> None:
    """Write a checkpoint whole: `state`, what it belongs to, `record` (plain values), and whether training images had labels.

    Raises CheckpointError if the file cannot be written; what was there before is then unchanged.
    """
    header = {
        "family": "rcmvae",
        "fingerprint": identity.fingerprint,
        "dataset_sha256": identity.dataset_sha256,
        "architecture": identity.architecture.model_dump(mode="json"),
        "training": identity.training.model_dump(mode="json"),
        "resolved": {name: _plain(value) for name, value in identity.resolved.items()},
        "class_names": list(identity.class_names),
        "life_epoch": int(state.life_epoch),
        "run_epoch": int(state.run_epoch),
        "labelled": labelled,
        "versions": {name: version(name) for name in LIBRARIES},
        "record": dict(record),
    }
    try:
        write_atomic(path, encode(header, flatten(state)))
    except ArtefactError as error:
        raise CheckpointError(f"The checkpoint could not be written. {error}") from error


def load(path: Path, plan: NetworkPlan, identity: Identity) -> Restored:
    """Read a checkpoint of this very architecture and data.

    Raises CheckpointError for a file that is missing, damaged, or made by another architecture (naming the fields that
    differ) or for other data.
    """
    content = read(path)
    found = mismatches(content, identity.fingerprint, identity.resolved, plan)
    if found:
        raise CheckpointError(
            f"The checkpoint {path} belongs to another architecture: {'; '.join(found)}. Use this model's own checkpoints."
        )
    if identity.dataset_sha256 and content.header.get("dataset_sha256") not in ("", identity.dataset_sha256):
        raise CheckpointError(
            f"The checkpoint {path} was trained on other data: the dataset's content has changed since. Restore the dataset."
        )
    state, record = unflatten(content), dict(content.header.get("record", {}))
    return Restored(state, _labelled(content.header, record, state), record, content.header)


def _labelled(header: Mapping[str, Any], record: Mapping[str, Any], state: TrainState) -> bool:
    """Whether labels trained the state. Older checkpoints do not say: the API's own kept it in the record, for others tau's counts tell
    (a head never counts, so of its old checkpoints nothing can be said)."""
    return bool(header.get("labelled", record.get("labelled", np.asarray(state.counts).any())))


def flatten(state: TrainState) -> dict[str, np.ndarray]:
    """Dotted name -> host array, for every array of the state."""
    arrays: dict[str, np.ndarray] = {}
    for item in fields(state):
        value = getattr(state, item.name)
        if isinstance(value, dict):
            arrays |= {f"{item.name}.{name}": np.asarray(array) for name, array in value.items()}
        elif isinstance(value, EpochSums | CurriculumState):
            arrays |= {f"{item.name}.{part.name}": np.asarray(getattr(value, part.name)) for part in fields(value)}
        else:
            arrays[item.name] = np.asarray(value)
    return arrays


def unflatten(content: CheckpointFile) -> TrainState:
    """The state of a checkpoint's arrays. Raises CheckpointError if any is missing."""
    arrays = _added_later(content.arrays) | dict(content.arrays)
    groups: dict[str, dict[str, Any]] = {"parameters": {}, "first_moment": {}, "second_moment": {}, "sums": {}, "curriculum": {}}
    for name, array in arrays.items():
        group, _, rest = name.partition(".")
        if group in groups and rest:
            groups[group][rest] = on_device(array)
    try:
        sums, curriculum = EpochSums(**groups["sums"]), CurriculumState(**groups["curriculum"])
        plain: dict[str, Any] = {n.name: on_device(arrays[n.name]) for n in fields(TrainState) if n.name not in groups}
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"The checkpoint lacks a part of the training state ({error}). Use an earlier checkpoint.") from error
    return TrainState(
        parameters=groups["parameters"], first_moment=groups["first_moment"], second_moment=groups["second_moment"], sums=sums,
        curriculum=curriculum, **plain,
    )  # fmt: skip


def _added_later(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What older checkpoints lack: nothing was initialised from data in them, and all components were open."""
    whole = all_open(len(arrays["claims"])) if "claims" in arrays else None
    parts = {} if whole is None else {f"curriculum.{part.name}": np.asarray(getattr(whole, part.name)) for part in fields(whole)}
    return {"prior_ready": np.asarray(np.int32(0)), **parts}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
