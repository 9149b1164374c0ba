"""The mLSTM layer: up-projection, convolution, matrix memory, gate, down-projection."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from traffic.config_xlstm import XLSTMArchitecture
from traffic.model.cells.mlstm import MLSTMState, mlstm_chunkwise, mlstm_parallel, mlstm_recurrent, mlstm_start, mlstm_step
from traffic.model.convolution import CausalConvolution
from traffic.model.dropout import Dropout, dropped
from traffic.model.feed_forward import small_start, wang_start
from traffic.model.norms import HeadNorm
from traffic.model.products import BlockLinear, Linear, product
from traffic.model.starts import Constant, Normal, parameter

FORGET_FROM, FORGET_TO = 3.0, 6.0
INPUT_DEVIATION = 0.1


class MLSTMLayerState(NamedTuple):
    """The cell's state and the convolution's last inputs; None without a convolution."""

    cell: MLSTMState
    seen: Array | None


class MLSTMLayer(nnx.Module):
    """One mLSTM layer, without the norm before it and the residual connection around it."""

    def __init__(self, architecture: XLSTMArchitecture) -> None:
        width, inner, heads, dtype = (
            architecture.embedding_dim,
            architecture.inner_width,
            architecture.num_heads,
            architecture.compute_dtype,
        )
        small, bias = small_start(width), architecture.bias

        def blockwise() -> BlockLinear:
            return BlockLinear(inner, architecture.qkv_proj_blocksize, dtype=dtype, start=small, bias=bias)

        self.up = Linear(width, 2 * inner, dtype=dtype, start=small, bias=bias)
        self.conv = CausalConvolution(inner, architecture.conv1d_kernel_size) if architecture.conv1d_kernel_size else None
        self.query, self.key, self.value = blockwise(), blockwise(), blockwise()
        self.input_gate = Linear(3 * inner, heads, dtype=dtype, start=Constant(0.0))
        self.input_gate.bias = parameter((heads,), Normal(INPUT_DEVIATION))
        self.forget_gate = Linear(3 * inner, heads, dtype=dtype, start=Constant(0.0))
        self.forget_gate.bias = parameter((heads,), Constant(tuple(np.linspace(FORGET_FROM, FORGET_TO, heads).tolist())))
        self.norm = HeadNorm(inner, heads, learned=architecture.group_norm_weight)
        self.skip = parameter((inner,), Constant(1.0))
        self.down = Linear(inner, width, dtype=dtype, start=wang_start(width, architecture.num_blocks), bias=bias)
        self.settings = architecture

    def __call__(self, x: Array, dropout: Dropout | None, last: int) -> Array:
        """`x` (L, S, E). Returns the layer's output at the `last` T steps, (T, S, E)."""
        inner = self.settings.inner_width
        if last == len(x):
            u, r = jnp.split(self.up(x), 2, axis=-1)
        else:
            u, r = self._up(x, slice(0, inner)), self._up(x[-last:], slice(inner, None))
        c = jax.nn.silu(u if self.conv is None else self.conv(u))
        q, k, v = self.query(c), self.key(c), self.value(u)
        i, f = self._gates(q, k, v)
        h = self._cell(self._by_head(q), self._by_head(k), self._by_head(v), jnp.moveaxis(i, 0, -1), jnp.moveaxis(f, 0, -1), last)
        h = h.transpose(2, 0, 1, 3).reshape(last, x.shape[1], inner)
        return dropped(self._out(h, c[-last:], r), dropout)

    def init_state(self, batch: int) -> MLSTMLayerState:
        """The state before the first step."""
        heads, inner = self.settings.num_heads, self.settings.inner_width
        cell = mlstm_start((batch, heads), inner // heads, self.skip[...].dtype)
        return MLSTMLayerState(cell, None if self.conv is None else self.conv.init_state(batch))

    def step(self, state: MLSTMLayerState, x: Array) -> tuple[MLSTMLayerState, Array]:
        """`x` (S, E). Returns the next state and this step's output (S, E)."""
        u, r = jnp.split(self.up(x), 2, axis=-1)
        seen, convolved = (None, u) if self.conv is None or state.seen is None else self.conv.step(state.seen, u)
        c = jax.nn.silu(convolved)
        q, k, v = self.query(c), self.key(c), self.value(u)
        i, f = self._gates(q, k, v)
        q, k, v = (part.reshape(len(x), self.settings.num_heads, -1) for part in (q, k, v))
        cell, h = mlstm_step(state.cell, q, k, v, i, f, eps=self.settings.normalizer_eps)
        return MLSTMLayerState(cell, seen), self._out(h.reshape(len(x), -1), c, r)

    def _up(self, x: Array, columns: slice) -> Array:
        out = product(x, self.up.kernel[...][:, columns], self.settings.compute_dtype)
        return out if self.up.bias is None else out + self.up.bias[...][columns]

    def _gates(self, q: Array, k: Array, v: Array) -> tuple[Array, Array]:
        """Pre-activations of input and forget gates, (..., heads)."""
        joined = jnp.concatenate([q, k, v], axis=-1)
        return self.input_gate(joined), self.forget_gate(joined)

    def _by_head(self, x: Array) -> Array:
        """(L, S, I) as (S, heads, L, DH)."""
        return x.reshape(*x.shape[:2], self.settings.num_heads, -1).transpose(1, 2, 0, 3)

    def _cell(self, q: Array, k: Array, v: Array, i: Array, f: Array, last: int) -> Array:
        """h (S, heads, T, DH)."""
        settings = self.settings
        if settings.mlstm_backend == "recurrent":
            return mlstm_recurrent(q, k, v, i, f, eps=settings.normalizer_eps)[..., -last:, :]
        if settings.mlstm_backend == "chunkwise":
            h = mlstm_chunkwise(q, k, v, i, f, eps=settings.normalizer_eps, chunk=settings.chunk_size, dtype=settings.compute_dtype)
            return h[..., -last:, :]
        return mlstm_parallel(q[..., -last:, :], k, v, i, f, eps=settings.normalizer_eps, dtype=settings.compute_dtype)

    def _out(self, h: Array, c: Array, r: Array) -> Array:
        return self.down((self.norm(h) + self.skip[...] * c) * jax.nn.silu(r))
