"""The sLSTM cell (Beck et al. 2024, section 2.2): a scalar memory with exponential gates, a normaliser and a stabiliser."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

GATES = 4
NO_HISTORY = -1e30
"""The stabiliser before the first step: stands for minus infinity without its arithmetic."""


class SLSTMState(NamedTuple):
    """Output, memory, normaliser and stabiliser, (S, E) each."""

    y: Array
    c: Array
    n: Array
    m: Array


def slstm_start(batch: int, width: int, dtype: jnp.dtype) -> SLSTMState:
    """The state before the first step."""
    zeros = jnp.zeros((batch, width), dtype)
    return SLSTMState(zeros, zeros, zeros, zeros + NO_HISTORY)


def slstm_step(state: SLSTMState, activations: Array, clip: float | None = None) -> SLSTMState:
    """One step.

    The stabiliser carries no gradient: it cancels in c / n.

    Args:
        activations: W x + R y + b, gates in the order i, f, z, o, (S, 4E). clip: bound of the output.
    """
    i, f, z, o = jnp.split(activations, GATES, axis=-1)
    kept = state.m + jax.nn.log_sigmoid(f)
    m = jax.lax.stop_gradient(jnp.maximum(i, kept))
    opened, remembered = jnp.exp(i - m), jnp.exp(kept - m)
    c = remembered * state.c + opened * jnp.tanh(z)
    n = remembered * state.n + opened
    y = jax.nn.sigmoid(o) * c / n
    return SLSTMState(y if clip is None else jnp.clip(y, -clip, clip), c, n, m)
