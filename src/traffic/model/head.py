"""The head: from a state and its context to all steps of the forecast at once."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from traffic.kinds import AnyArchitecture
from traffic.model.dropout import Dropout, dropped
from traffic.model.products import Linear
from traffic.parameter_shapes import hidden_widths


class ForecastHead(nnx.Module):
    """Hidden layers with ReLU, if there are any, and a linear map."""

    def __init__(self, architecture: AnyArchitecture) -> None:
        inputs, dtype = architecture.width + architecture.context_width, architecture.compute_dtype
        layers: list[Linear] = []
        for width in hidden_widths(architecture):
            layers.append(Linear(inputs, width, dtype=dtype))
            inputs = width
        self.hidden = nnx.List(layers)
        self.out = Linear(inputs, architecture.forecast_width, dtype=dtype)
        self.steps, self.quantiles = architecture.prediction_length, len(architecture.quantiles)
        self.sensors = 1 if architecture.shared_weights else architecture.num_sensors

    def __call__(self, z: Array, context: Array | None, dropout: Dropout | None = None) -> Array:
        """`z` (B, N', W) and `context` (B, N', C), where N' is N with shared weights and 1 otherwise.

        Returns (B, P, N, G), with a last axis of quantiles if there are any.
        """
        h = z if context is None else jnp.concatenate([z, context], axis=-1)
        for layer in self.hidden:
            h = dropped(jax.nn.relu(layer(h)), dropout)
        batch, rows = h.shape[:2]
        out = self.out(h).reshape(batch, rows, self.steps, self.sensors, -1, max(1, self.quantiles))
        out = out.transpose(0, 2, 1, 3, 4, 5).reshape(batch, self.steps, rows * self.sensors, *out.shape[4:])
        return out if self.quantiles else out[..., 0]
