"""The network of an architecture as the functions that training calls."""

from __future__ import annotations

import jax
import numpy as np
from jax import Array

from traffic.kinds import AnyArchitecture
from traffic.model.dropout import Dropout, rates_of
from traffic.model.network import bind
from traffic.shapes import DataShape
from traffic.training.engine import Engine, in_batches
from traffic.training.optimiser import Parameters
from traffic.training.recipe import Forward
from traffic.training.series import Windows, gather


def forward_of(architecture: AnyArchitecture, shape: DataShape) -> Forward:
    """The forward pass of a network whose parameters come as an argument."""
    rates = rates_of(architecture)

    def forward(parameters: Parameters, windows: Windows, key: Array | None) -> Array:
        dropout = None if key is None else Dropout(key, rates)
        return bind(architecture, shape, parameters)(windows.inputs, windows.exog, windows.tod, windows.dow, dropout=dropout)

    return forward


def neighbour_weights(
    architecture: AnyArchitecture, shape: DataShape, engine: Engine, parameters: Parameters, ends: np.ndarray
) -> np.ndarray:
    """How much each detector looks at each of its neighbours, averaged over windows, float32 (N, k); of networks with social pooling alone."""

    @jax.jit
    def weights(parameters: Parameters, ends: Array) -> Array:
        windows = gather(engine.series, ends, engine.recipe.reading)
        return bind(architecture, shape, parameters).neighbour_weights(windows.inputs, windows.exog)

    parts = [np.asarray(weights(parameters, batch))[batch >= 0] for batch in in_batches(ends, engine.recipe.evaluation_rows)]
    return np.concatenate(parts).mean(0)
