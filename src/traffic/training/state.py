"""The training state: one pytree that holds everything a resumed run needs to go on bit for bit."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from flax import struct
from jax import Array

from traffic.training.optimiser import Parameters, direction
from traffic.training.recipe import Recipe
from traffic.training.series import on_device


@struct.dataclass
class TrainState:
    """The whole state of training.

    Attributes:
        parameters: dotted name -> array. optimiser: optax's. key: raw key data (2,).
        epoch: finished epochs of this run. position: finished steps of the epoch under way. life_epoch: finished epochs of the model's life.
        losses, counts: (steps, G) sums of each step of the epoch under way. norms: (steps,) of its gradients.
        rate: the last step's. broken: the step (0-based) whose loss or gradient was not finite, else -1.
    """

    parameters: Parameters
    optimiser: Any
    key: Array
    epoch: Array
    position: Array
    life_epoch: Array
    losses: Array
    counts: Array
    norms: Array
    rate: Array
    broken: Array


def fresh_state(recipe: Recipe, parameters: Parameters, *, optimiser: Any = None, life_epoch: int = 0) -> TrainState:
    """The state in which a run starts from parameters; with `optimiser` from what an earlier run has gathered."""
    gathered = direction(recipe.settings).init(parameters) if optimiser is None else optimiser
    state = TrainState(
        parameters=parameters,
        optimiser=gathered,
        key=jax.random.key_data(jax.random.key(recipe.settings.seed)),
        epoch=np.int32(0),  # pyright: ignore[reportArgumentType]
        position=np.int32(0),  # pyright: ignore[reportArgumentType]
        life_epoch=np.int32(life_epoch),  # pyright: ignore[reportArgumentType]
        **empty(recipe),
    )
    return on_device(state)  # pyright: ignore[reportReturnType]


def empty(recipe: Recipe) -> dict[str, Any]:
    """What an epoch gathers, before its first step."""
    steps = recipe.steps
    return {
        "losses": np.zeros((steps, recipe.targets), np.float32),
        "counts": np.zeros((steps, recipe.targets), np.float32),
        "norms": np.zeros(steps, np.float32),
        "rate": np.float32(0),
        "broken": np.int32(-1),
    }


def flat(tree: Any, prefix: str) -> dict[str, Array]:
    """Arrays of a tree by a name made of their place in it."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {prefix + jax.tree_util.keystr(path): leaf for path, leaf in leaves}
