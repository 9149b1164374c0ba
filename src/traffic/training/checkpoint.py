"""Saving and restoring the whole training state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np

from traffic.intervals.calibration import Calibration
from traffic.training.checkpoint_content import CORRECTIONS, FORMAT, PARAMETERS, Identity, read, require_fit, scaler_arrays
from traffic.training.errors import CheckpointError
from traffic.training.optimiser import Parameters, direction
from traffic.training.recipe import Recipe
from traffic.training.series import on_device
from traffic.training.state import TrainState, flat
from traffic.windows.prepare import Prepared
from workbench.artefacts import ArtefactError, write_atomic
from workbench.checkpoint_file import CheckpointFile

LIBRARIES = ("trellis", "jax", "jaxlib", "flax", "optax", "numpy")
OPTIMISER = "optimiser"
PLAIN = ("key", "epoch", "position", "life_epoch", "losses", "counts", "norms", "rate", "broken")
"""Fields of the state that are one array each."""


@dataclass(frozen=True)
class Saved:
    """What every checkpoint of a run holds besides the state: what it belongs to, and the constants a forecast needs."""

    identity: Identity
    prepared: Prepared
    neighbours: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Restored:
    """A checkpoint put back: the state and the `record` that was saved with it."""

    state: TrainState
    record: Mapping[str, Any]


def save(path: Path, state: TrainState, saved: Saved, record: Mapping[str, Any], calibration: Calibration | None = None) -> None:
    """Write a checkpoint whole. Raises CheckpointError if it cannot be written; what was there before is then unchanged."""
    header = {
        **saved.identity.header(),
        "epoch": int(state.epoch),
        "scaler_method": saved.prepared.scaler.method,
        "interval_s": saved.prepared.interval_s,
        "versions": {name: version(name) for name in LIBRARIES},
        "record": dict(record),
    }
    arrays = {
        **{PARAMETERS + name: np.asarray(value) for name, value in state.parameters.items()},
        **{name: np.asarray(value) for name, value in flat(state.optimiser, OPTIMISER).items()},
        **{name: np.asarray(getattr(state, name)) for name in PLAIN},
        **scaler_arrays(saved.prepared.scaler, saved.prepared.profile),
        **{f"neighbours.{name}": array for name, array in saved.neighbours.items()},
        **({} if calibration is None else {CORRECTIONS: calibration.corrections}),
    }
    try:
        write_atomic(path, FORMAT.encode(header, arrays))
    except ArtefactError as error:
        raise CheckpointError(f"The checkpoint could not be written. {error}") from error


def load(path: Path, recipe: Recipe, identity: Identity) -> Restored:
    """The state of a checkpoint of this very run's model, data and settings. Raises CheckpointError."""
    content = read(path)
    require_fit(content, identity, recipe.shapes, path)
    parameters = _parameters(content)
    optimiser = _optimiser(content, recipe, parameters)
    if optimiser is None or not set(PLAIN) <= content.arrays.keys() or len(content.arrays["norms"]) != recipe.steps:
        raise CheckpointError(f"The checkpoint {path} was made under other settings; a resume needs the run's own.")
    plain: dict[str, Any] = {name: content.arrays[name] for name in PLAIN}
    state = TrainState(parameters=parameters, optimiser=optimiser, **plain)
    return Restored(on_device(state), dict(content.header["record"]))  # pyright: ignore[reportArgumentType]


def load_weights(path: Path, recipe: Recipe, identity: Identity) -> tuple[Parameters, Any, int]:
    """Parameters, what the optimiser has gathered (None under another optimiser) and finished epochs of the model's life, for a run that
    goes on from them. Raises CheckpointError."""
    content = read(path)
    require_fit(content, identity, recipe.shapes, path)
    parameters = _parameters(content)
    return on_device(parameters), _optimiser(content, recipe, parameters), int(content.arrays["life_epoch"])  # pyright: ignore[reportReturnType]


def _parameters(content: CheckpointFile) -> Parameters:
    found: Any = {name.removeprefix(PARAMETERS): array for name, array in content.arrays.items() if name.startswith(PARAMETERS)}
    return found


def _optimiser(content: CheckpointFile, recipe: Recipe, parameters: Parameters) -> Any:
    """The optimiser's state, or None if the file holds that of another one."""
    template = jax.eval_shape(direction(recipe.settings).init, parameters)
    wanted = flat(template, OPTIMISER)
    kept = {name: array for name, array in content.arrays.items() if name.startswith(OPTIMISER)}
    if wanted.keys() != kept.keys() or any(tuple(wanted[name].shape) != kept[name].shape for name in wanted):
        return None
    return jax.tree.unflatten(jax.tree.structure(template), [kept[name] for name in wanted])
