"""The Transformer encoder: pre-norm (Xiong et al. 2020) with rotary positions (Su et al. 2021)."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from traffic.config_transformer import TransformerArchitecture
from traffic.model.dropout import Dropout, dropped
from traffic.model.encoder import NoStepsError, sequences
from traffic.model.norms import LayerNorm
from traffic.model.products import Linear, einsum, product_over_steps
from traffic.model.starts import Glorot


def rotated(x: Array, positions: np.ndarray | Array, base: float) -> Array:
    """Rotate the pairs (j, j + DH/2) of `x` (..., L, DH) by the angles p * base^(-2j/DH) of `positions` (L,)."""
    half = x.shape[-1] // 2
    angles = jnp.asarray(positions, x.dtype)[:, None] * jnp.asarray(base ** (-np.arange(half) / half), x.dtype)
    cosine, sine = jnp.cos(angles), jnp.sin(angles)
    first, second = x[..., :half], x[..., half:]
    return jnp.concatenate([first * cosine - second * sine, first * sine + second * cosine], axis=-1)


class Attention(nnx.Module):
    """Multi-head attention over the steps of a window (Vaswani et al. 2017)."""

    def __init__(self, architecture: TransformerArchitecture) -> None:
        width, dtype = architecture.embedding_dim, architecture.compute_dtype
        self.query = Linear(width, width, dtype=dtype, start=Glorot())
        self.key = Linear(width, width, dtype=dtype, start=Glorot())
        self.value = Linear(width, width, dtype=dtype, start=Glorot())
        self.out = Linear(width, width, dtype=dtype, start=Glorot(factor=_depth_factor(architecture)))
        self.settings = architecture

    def __call__(self, x: Array, last: int) -> Array:
        """`x` (L, S, E). Returns what its `last` T steps see, (T, S, E)."""
        length, dtype = len(x), self.settings.compute_dtype
        q, k, v = self._by_head(self.query(x[-last:])), self._by_head(self.key(x)), self._by_head(self.value(x))
        positions = np.arange(length)
        q, k = rotated(q, positions[-last:], self.settings.rope_base), rotated(k, positions, self.settings.rope_base)
        logits = einsum("...td,...sd->...ts", q, k / math.sqrt(q.shape[-1]), dtype)
        if self.settings.causal:
            logits = jnp.where(jnp.tri(last, length, length - last, dtype=bool), logits, -jnp.inf)
        seen = einsum("...ts,...sd->...td", jax.nn.softmax(logits, axis=-1), v, dtype)
        return self.out(seen.transpose(2, 0, 1, 3).reshape(last, x.shape[1], -1))

    def _by_head(self, x: Array) -> Array:
        """(L, S, E) as (S, heads, L, DH)."""
        return x.reshape(*x.shape[:2], self.settings.num_heads, -1).transpose(1, 2, 0, 3)


class TransformerLayer(nnx.Module):
    """x ← x + Attn(LN(x)); x ← x + W_2 GELU(W_1 LN(x))."""

    def __init__(self, architecture: TransformerArchitecture) -> None:
        width, dtype = architecture.embedding_dim, architecture.compute_dtype
        self.attention_norm, self.attention = LayerNorm(width), Attention(architecture)
        self.ffn_norm = LayerNorm(width)
        self.up = Linear(width, architecture.ffn_dim, dtype=dtype, start=Glorot())
        self.down = Linear(architecture.ffn_dim, width, dtype=dtype, start=Glorot(factor=_depth_factor(architecture)))

    def __call__(self, x: Array, dropout: Dropout | None, last: int) -> Array:
        """`x` (L, S, E). Returns the `last` T steps, (T, S, E)."""
        x = x[-last:] + dropped(self.attention(self.attention_norm(x), last), dropout)
        hidden = jax.nn.gelu(self.up(self.ffn_norm(x)), approximate=False)
        return x + dropped(self.down(hidden), dropout)


class TransformerEncoder(nnx.Module):
    """Input projection, layers, final norm."""

    def __init__(self, architecture: TransformerArchitecture) -> None:
        self.project = Linear(architecture.step_width, architecture.embedding_dim, dtype=architecture.compute_dtype, start=Glorot())
        self.layers = nnx.List([TransformerLayer(architecture) for _ in range(architecture.num_layers)])
        self.norm = LayerNorm(architecture.embedding_dim)
        self.width = architecture.width

    def __call__(self, x: Array, constant: Array | None, dropout: Dropout | None, last: int) -> Array:
        """See `Encoder`."""
        project = self.project
        assert project.bias is not None
        h = sequences(product_over_steps(x, constant, project.kernel[...], project.dtype) + project.bias[...])
        h = dropped(h, dropout)
        for index, layer in enumerate(self.layers):
            # what no later step reads is not worked out
            h = layer(h, dropout, last if index == len(self.layers) - 1 else len(h))
        return self.norm(h)

    def init_state(self, batch: int) -> Any:
        """Raises NoStepsError: positions count from the window's start."""
        raise NoStepsError("A Transformer has no state: every step looks at the whole window.")

    def step(self, state: Any, x: Array, constant: Array | None) -> tuple[Any, Array]:
        """Raises NoStepsError."""
        raise NoStepsError("A Transformer has no state: every step looks at the whole window.")


def _depth_factor(architecture: TransformerArchitecture) -> float:
    """Of maps back into the residual stream, so that it keeps its scale at the start whatever the depth."""
    return 1 / math.sqrt(2 * architecture.num_layers)
