"""The LSTM cell (Hochreiter and Schmidhuber 1997; forget gate of Gers et al. 2000)."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

GATES = 4


class LSTMState(NamedTuple):
    """Hidden state and memory, (S, H) each."""

    h: Array
    c: Array


def lstm_start(batch: int, width: int, dtype: jnp.dtype) -> LSTMState:
    """The state before the first step."""
    zeros = jnp.zeros((batch, width), dtype)
    return LSTMState(zeros, zeros)


def lstm_step(state: LSTMState, activations: Array) -> LSTMState:
    """c' = σ(f) c + σ(i) tanh(g); h' = σ(o) tanh(c').

    Args:
        activations: W_ih x + W_hh h + b, gates in the order i, f, g, o, (S, 4H).
    """
    i, f, g, o = jnp.split(activations, GATES, axis=-1)
    c = jax.nn.sigmoid(f) * state.c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return LSTMState(jax.nn.sigmoid(o) * jnp.tanh(c), c)
