"""Negative log-likelihoods of an image under a reconstruction, in nats, summed over pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from rcmvae.model.extras import Decoded

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True)
class Observation:
    """The observation model: its kind (`bce`, `mse` or `heteroscedastic`) and its noise levels."""

    kind: str
    sigma: float | Array = 0.3
    sigma_min: float | Array = 0.05
    sigma_max: float | Array = 0.5

    def negative_log_likelihood(self, x: Array, decoded: Decoded) -> Array:
        """-log p(x | z_k, k) of `x` (B, P) in [0, 1] for every component: (B, K)."""
        target = x[:, None, :]
        if self.kind == "bce":
            return bernoulli(target, decoded.output)
        mean = jax.nn.sigmoid(decoded.output)
        if self.kind == "mse":
            return gaussian(target, mean, jnp.asarray(self.sigma, mean.dtype))
        return gaussian(target, mean, self.noise(decoded))

    def noise(self, decoded: Decoded) -> Array:
        """The noise level sigma of every image and component (B, K) of a heteroscedastic decoder.

        It is sigma_min + (sigma_max - sigma_min) * sigmoid(raw + offset); the offset puts raw = 0 at the bounds'
        geometric mean, whatever the bounds are in this run.
        """
        if decoded.raw_sigma is None:
            raise ValueError("only a heteroscedastic decoder predicts a noise level")
        offset = 0.5 * jnp.log(self.sigma_min / self.sigma_max)
        return self.sigma_min + (self.sigma_max - self.sigma_min) * jax.nn.sigmoid(decoded.raw_sigma + offset)


def bernoulli(x: Array, logits: Array) -> Array:
    """Binary cross-entropy with logits, summed over the last axis: sum max(l, 0) - l x + log(1 + exp(-|l|))."""
    return jnp.sum(jnp.maximum(logits, 0.0) - logits * x + jnp.log1p(jnp.exp(-jnp.abs(logits))), axis=-1)


def gaussian(x: Array, mean: Array, sigma: Array) -> Array:
    """-log N(x; mean, sigma^2), summed over the last axis, where `sigma` has no such axis."""
    pixels = mean.shape[-1]
    squares = jnp.sum(jnp.square(x - mean), axis=-1)
    return squares / (2.0 * jnp.square(sigma)) + pixels * (jnp.log(sigma) + HALF_LOG_TWO_PI)
