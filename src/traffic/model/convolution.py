"""The causal depthwise convolution over time, for a whole sequence and one step at a time."""

from __future__ import annotations

import math

import jax.numpy as jnp
from flax import nnx
from jax import Array

from traffic.model.starts import Uniform, parameter


class CausalConvolution(nnx.Module):
    """y_t = b + Σ_j w_j x_{t-k+1+j} of each feature by itself, with zeros before the start.

    Args:
        width: features. size: steps k of the kernel.
    """

    def __init__(self, width: int, size: int) -> None:
        start = Uniform(1 / math.sqrt(size))
        self.weight = parameter((size, width), start)
        self.bias = parameter((width,), start)

    def __call__(self, x: Array) -> Array:
        """`x` (L, S, width). Returns the same shape."""
        weight, length = self.weight[...], x.shape[0]
        padded = jnp.pad(x, ((len(weight) - 1, 0), (0, 0), (0, 0)))
        # slices and products: XLA's own convolutions are slow on a CPU
        return sum((weight[j] * padded[j : j + length] for j in range(len(weight))), self.bias[...])

    def init_state(self, batch: int) -> Array:
        """The inputs before the first step, (batch, k - 1, width)."""
        weight = self.weight[...]
        return jnp.zeros((batch, len(weight) - 1, weight.shape[1]), weight.dtype)

    def step(self, state: Array, x: Array) -> tuple[Array, Array]:
        """`x` (batch, width). Returns the next state and the output of this step."""
        seen = jnp.concatenate([state, x[:, None]], axis=1)
        return seen[:, 1:], jnp.sum(self.weight[...] * seen, axis=1) + self.bias[...]
