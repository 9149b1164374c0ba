"""The mLSTM cell (Beck et al. 2024, section 2.3): a matrix memory, in three forms with one result.

Arrays are (..., L, DH) for queries, keys and values, and (..., L) for the pre-activations of gates; the leading axes are
sequences and heads. The stabiliser m carries no gradient: it scales numerator and denominator alike, up to the small epsilon.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from traffic.config_architecture import ComputeDtype
from traffic.model.products import einsum

NO_HISTORY = -1e30
"""The stabiliser before the first step: stands for minus infinity without its arithmetic."""


class MLSTMState(NamedTuple):
    """Memory C (..., DH, DH), normaliser n (..., DH) and stabiliser m (...)."""

    c: Array
    n: Array
    m: Array


def mlstm_start(leading: tuple[int, ...], width: int, dtype: jnp.dtype) -> MLSTMState:
    """The state before the first step."""
    return MLSTMState(jnp.zeros((*leading, width, width), dtype), jnp.zeros((*leading, width), dtype), jnp.full(leading, NO_HISTORY, dtype))


def mlstm_parallel(q: Array, k: Array, v: Array, i: Array, f: Array, *, eps: float, dtype: ComputeDtype = "float32") -> Array:
    """All steps at once, with L x L weights; or its last T steps, if there are only so many queries.

    Returns h (..., T, DH) for `q` (..., T, DH).
    """
    weights, m = _decayed(jnp.cumsum(jax.nn.log_sigmoid(f), axis=-1), i, q.shape[-2])
    scores = einsum("...td,...sd->...ts", q, k / math.sqrt(q.shape[-1]), dtype) * jnp.exp(weights - m[..., None])
    bound = jnp.maximum(jnp.abs(jnp.sum(scores, axis=-1)), jnp.exp(-m)) + eps
    return einsum("...ts,...sd->...td", scores, v, dtype) / bound[..., None]


def mlstm_step(state: MLSTMState, q: Array, k: Array, v: Array, i: Array, f: Array, *, eps: float) -> tuple[MLSTMState, Array]:
    """One step with q, k, v (..., DH) and i, f (...). Returns the next state and h (..., DH)."""
    log_f = jax.nn.log_sigmoid(f)
    m = jax.lax.stop_gradient(jnp.maximum(log_f + state.m, i))
    kept, added = jnp.exp(log_f + state.m - m), jnp.exp(i - m)
    scaled = added[..., None] * k / math.sqrt(q.shape[-1])
    c = kept[..., None, None] * state.c + scaled[..., :, None] * v[..., None, :]
    n = kept[..., None] * state.n + scaled
    bound = jnp.maximum(jnp.abs(jnp.sum(q * n, axis=-1)), jnp.exp(-m)) + eps
    return MLSTMState(c, n, m), jnp.einsum("...d,...de->...e", q, c) / bound[..., None]


def mlstm_recurrent(q: Array, k: Array, v: Array, i: Array, f: Array, *, eps: float) -> Array:
    """Step by step. Returns h (..., L, DH)."""

    def step(state: MLSTMState, inputs: tuple[Array, ...]) -> tuple[MLSTMState, Array]:
        return mlstm_step(state, *inputs, eps=eps)

    steps = (*(jnp.moveaxis(x, -2, 0) for x in (q, k, v)), jnp.moveaxis(i, -1, 0), jnp.moveaxis(f, -1, 0))
    _, h = jax.lax.scan(step, mlstm_start(i.shape[:-1], q.shape[-1], q.dtype), steps)
    return jnp.moveaxis(h, 0, -2)


def mlstm_chunkwise(q: Array, k: Array, v: Array, i: Array, f: Array, *, eps: float, chunk: int, dtype: ComputeDtype = "float32") -> Array:
    """Chunk by chunk: parallel inside one, recurrent between them; memory grows with L * chunk. Returns h (..., L, DH)."""
    length = i.shape[-1]
    whole = length // chunk

    def step(state: MLSTMState, inputs: tuple[Array, ...]) -> tuple[MLSTMState, Array]:
        return _chunk(state, *inputs, eps=eps, dtype=dtype)

    def pieces(x: Array, axis: int) -> Array:
        """(whole, ..., chunk, ...)"""
        axis = axis % x.ndim
        cut = jax.lax.slice_in_dim(x, 0, whole * chunk, axis=axis)
        return jnp.moveaxis(cut.reshape(*x.shape[:axis], whole, chunk, *x.shape[axis + 1 :]), axis, 0)

    vectors, gates = (q, k, v), (i, f)
    state, parts = mlstm_start(i.shape[:-1], q.shape[-1], q.dtype), []
    if whole:
        state, h = jax.lax.scan(step, state, (*(pieces(x, -2) for x in vectors), *(pieces(x, -1) for x in gates)))
        joined = jnp.moveaxis(h, 0, -3)
        parts.append(joined.reshape(*joined.shape[:-3], whole * chunk, joined.shape[-1]))
    if rest := length - whole * chunk:
        _, h = step(state, (*(x[..., -rest:, :] for x in vectors), *(x[..., -rest:] for x in gates)))
        parts.append(h)
    return jnp.concatenate(parts, axis=-2)


def _chunk(
    state: MLSTMState, q: Array, k: Array, v: Array, i: Array, f: Array, *, eps: float, dtype: ComputeDtype
) -> tuple[MLSTMState, Array]:
    """One chunk: what it holds itself, and what the state brings."""
    q = q / math.sqrt(q.shape[-1])
    total = jnp.cumsum(jax.nn.log_sigmoid(f), axis=-1)
    weights, within = _decayed(total, i, i.shape[-1])
    carried = state.m[..., None] + total
    m = jax.lax.stop_gradient(jnp.maximum(within, carried))
    scores = einsum("...td,...sd->...ts", q, k, dtype) * jnp.exp(weights - m[..., None])
    brought = jnp.exp(carried - m)
    numerator = einsum("...ts,...sd->...td", scores, v, dtype) + brought[..., None] * einsum("...td,...de->...te", q, state.c, dtype)
    normaliser = jnp.sum(scores, axis=-1) + brought * jnp.einsum("...td,...d->...t", q, state.n)
    h = numerator / (jnp.maximum(jnp.abs(normaliser), jnp.exp(-m)) + eps)[..., None]

    last = total[..., -1]
    gains = last[..., None] - total + i
    new_m = jax.lax.stop_gradient(jnp.maximum(last + state.m, jnp.max(gains, axis=-1)))
    kept = jnp.exp(last + state.m - new_m)
    weighted = jnp.exp(gains - new_m[..., None])[..., None] * k
    c = kept[..., None, None] * state.c + einsum("...sd,...se->...de", weighted, v, dtype)
    return MLSTMState(c, kept[..., None] * state.n + jnp.sum(weighted, axis=-2), new_m), h


def _decayed(total: Array, i: Array, last: int) -> tuple[Array, Array]:
    """Logarithms (..., T, L) of the weights that each of the `last` T steps t gives to step s <= t, and their maxima (..., T).

    They are minus infinity for s > t. `total`: sums (..., L) of the logarithms of forget gates up to each step.
    """
    length = i.shape[-1]
    weights = total[..., length - last :, None] - total[..., None, :] + i[..., None, :]
    weights = jnp.where(jnp.tri(last, length, length - last, dtype=bool), weights, -jnp.inf)
    return weights, jax.lax.stop_gradient(jnp.max(weights, axis=-1))
