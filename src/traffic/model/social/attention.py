"""Attention over the neighbours' latest steps (Vaswani et al. 2017), with a bias by distance and one by lag.

Keys and values are projected for each detector once and gathered by index, so that no array has two axes of detectors.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array, lax

from traffic.config_architecture import ComputeDtype
from traffic.config_social import SocialPooling
from traffic.model.products import Linear, einsum
from traffic.model.starts import Constant, Glorot, parameter
from traffic.neighbours import Neighbours


class Attention(nnx.Module):
    """A detector's last state asks the latest states of its neighbours.

    The logit of neighbour j and lag t in head h is q.k / sqrt(D) - (d_ij / s) / T_h + u_h[t].

    Args:
        config: of the pooling. neighbours: who is looked at. scale: s in metres. width: of states (W). dtype: of matrix products.
    """

    def __init__(self, config: SocialPooling, neighbours: Neighbours, scale: float, width: int, *, dtype: ComputeDtype) -> None:
        self.query, self.key, self.value, self.out = (Linear(width, width, dtype=dtype, start=Glorot()) for _ in range(4))
        self.lag_bias = parameter((config.heads, config.time_window), Constant(0.0))
        # softplus turns it into the temperature that the config names
        start = config.tau_init + math.log(-math.expm1(-config.tau_init))
        self.raw_temperature = parameter((config.heads,), Constant(start)) if config.learnable_tau else None
        self.config, self.neighbours, self.scale = config, neighbours, scale
        self.dtype: ComputeDtype = dtype

    def __call__(self, tokens: Array, last: Array, valid: Array | None = None) -> Array:
        """What the neighbours' states come to, (B, N, W); exactly 0 for a detector without any.

        Args:
            tokens: (B, N, T, W), states of the latest steps, the newest last; more than the time window are not looked at.
            last: (B, N, W), the states that ask. valid: bool (T,), which steps there are; all by default.
        """
        if not self.neighbours.mask.any():
            return jnp.zeros_like(last)
        weights = self.weights(tokens, last, valid)
        values = self._heads(self.value(self._latest(tokens)))
        context = einsum("bnksh,bnkhsd->bnhd", weights, values[:, self._looked_at], self.dtype)
        found = self.out(context.reshape(last.shape))
        return found * ~self.neighbours.alone[:, None]

    def weights(self, tokens: Array, last: Array, valid: Array | None = None) -> Array:
        """Attention of each detector to neighbours and lags by head, (B, N, k, S, H): sums over k and S are 1, or 0 without a neighbour.

        Args as of a call; S is the time window, lag 0 first, or T if that is shorter.
        """
        latest = self._latest(tokens)
        keys, query = self._heads(self.key(latest)), self.query(last).reshape(*last.shape[:2], self.config.heads, -1)
        logits = einsum("bnhd,bnkhsd->bnksh", query, keys[:, self._looked_at], self.dtype) / math.sqrt(query.shape[-1])
        mask = jnp.asarray(self.neighbours.mask)[..., None, None]
        if valid is not None:
            mask = mask & valid[::-1][: latest.shape[2], None]
        return masked_softmax(logits + self._bias(latest.shape[2]), mask)

    @property
    def temperature(self) -> Array:
        """T of each head, (H,)."""
        if self.raw_temperature is None:
            return jnp.full(self.config.heads, self.config.tau_init)
        return jax.nn.softplus(self.raw_temperature[...])

    @property
    def _looked_at(self) -> np.ndarray:
        return self.neighbours.looked_at

    def _bias(self, lags: int) -> Array:
        """(N, k, S, H)."""
        distance = jnp.asarray(self.neighbours.distance / self.scale, self.temperature.dtype)
        return -distance[..., None, None] / self.temperature + self.lag_bias[...][:, :lags].T

    def _latest(self, tokens: Array) -> Array:
        """Tokens (B, N, T, W) of the time window, the newest first."""
        return tokens[:, :, ::-1][:, :, : self.config.time_window]

    def _heads(self, x: Array) -> Array:
        """(B, N, S, W) to (B, N, H, S, D)."""
        return x.reshape(*x.shape[:3], self.config.heads, -1).transpose(0, 1, 3, 2, 4)


def masked_softmax(logits: Array, mask: Array) -> Array:
    """Softmax over axes 2 and 3 of those entries that count; all 0, with finite gradients, where none does."""
    logits = jnp.where(mask, logits, -jnp.inf)
    top = lax.stop_gradient(logits.max(axis=(2, 3), keepdims=True, initial=-jnp.inf))
    shares = jnp.exp(logits - jnp.where(jnp.isfinite(top), top, 0.0))
    total = shares.sum(axis=(2, 3), keepdims=True)
    return shares / jnp.where(total > 0, total, 1.0)
