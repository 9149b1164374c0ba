"""Norms over features: each state by itself, never by who shares the batch."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from traffic.model.starts import Constant, parameter

NORM_EPSILON = 1e-5


def standardized(x: Array) -> Array:
    """`x` with mean 0 and (biased) variance 1 over the last axis."""
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    return centred * jax.lax.rsqrt(jnp.mean(jnp.square(centred), axis=-1, keepdims=True) + NORM_EPSILON)


class LayerNorm(nnx.Module):
    """Layer norm with scale and offset (Ba et al. 2016)."""

    def __init__(self, width: int) -> None:
        self.scale = parameter((width,), Constant(1.0))
        self.bias = parameter((width,), Constant(0.0))

    def __call__(self, x: Array) -> Array:
        """`x` (..., width)."""
        return standardized(x) * self.scale[...] + self.bias[...]


class GainNorm(nnx.Module):
    """Layer norm without offset, whose scale is 1 + gain."""

    def __init__(self, width: int) -> None:
        self.gain = parameter((width,), Constant(0.0))

    def __call__(self, x: Array) -> Array:
        """`x` (..., width)."""
        return standardized(x) * (1 + self.gain[...])


class HeadNorm(nnx.Module):
    """Group norm of one state: each of `heads` groups of features by itself, scaled by 1 + gain if it is learned."""

    def __init__(self, width: int, heads: int, *, learned: bool) -> None:
        self.gain = parameter((width,), Constant(0.0)) if learned else None
        self.heads = heads

    def __call__(self, x: Array) -> Array:
        """`x` (..., width)."""
        out = standardized(x.reshape(*x.shape[:-1], self.heads, -1)).reshape(x.shape)
        return out if self.gain is None else out * (1 + self.gain[...])
