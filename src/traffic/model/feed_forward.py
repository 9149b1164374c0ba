"""Feed-forward parts of blocks."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from traffic.config_xlstm import FFNActivation, XLSTMArchitecture
from traffic.model.dropout import Dropout, dropped
from traffic.model.products import Linear
from traffic.model.starts import Normal

ACTIVATIONS = {
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "relu": jax.nn.relu,
    "relu^2": lambda x: jnp.square(jax.nn.relu(x)),
    "sigmoid": jax.nn.sigmoid,
    "swish": jax.nn.silu,
    "selu": jax.nn.selu,
}


class GatedFeedForward(nnx.Module):
    """[a, b] = W_up x; W_down(act(a) ⊙ b), without biases."""

    def __init__(self, architecture: XLSTMArchitecture) -> None:
        width, hidden, dtype = architecture.embedding_dim, architecture.ffn_width, architecture.compute_dtype
        self.up = Linear(width, 2 * hidden, dtype=dtype, bias=False, start=small_start(width))
        self.down = Linear(hidden, width, dtype=dtype, bias=False, start=wang_start(width, architecture.num_blocks))
        self.activation: FFNActivation = architecture.ffn_act

    def __call__(self, x: Array, dropout: Dropout | None = None) -> Array:
        """`x` (..., width). Returns the same shape."""
        a, b = jnp.split(self.up(x), 2, axis=-1)
        return dropped(self.down(ACTIVATIONS[self.activation](a) * b), dropout, "feed_forward")


def small_start(width: int) -> Normal:
    """N(0, 2 / (5 width)) (Nguyen and Salazar 2019)."""
    return Normal(math.sqrt(2 / (5 * width)))


def wang_start(width: int, blocks: int) -> Normal:
    """N(0, (2 / (blocks √width))²), of maps back into the residual stream (Wang and Komatsuzaki 2021)."""
    return Normal(2 / (blocks * math.sqrt(width)))
