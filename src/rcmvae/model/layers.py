"""The few layers every network is made of: linear maps, convolutions, layer norm, dropout.

Activations carry a component axis: dense `(B, C, F)` and convolutional `(B, C, H, W, F)`, where C is 1 while all
components still share the value and K from the place on where they differ. A linear map may also take a *side*
input `(K, S)`, one vector per component. It stands for concatenating the side to the activations (over all
pixels), but is multiplied apart: what does not depend on the component is computed once, not K times.
"""

from __future__ import annotations

import math
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from rcmvae.model.convolution import conv2d, conv2d_transpose

NORM_EPSILON = 1e-5
DENSE_SLOPE = 0.01
"""Leaky ReLU's slope below zero in dense networks."""
CONV_SLOPE = 0.2
"""The same in convolutional ones."""
_LEVELS = 1 << 16


def he_normal(key: Array, shape: tuple[int, ...], fan_in: int) -> Array:
    """Weights for a layer that a (leaky) ReLU follows: N(0, 2 / fan_in) (He et al. 2015)."""
    return jax.random.normal(key, shape) * math.sqrt(2.0 / fan_in)


def leaky_relu(x: Array, slope: float) -> Array:
    """x where positive, `slope * x` elsewhere."""
    return jnp.where(x >= 0, x, slope * x)


def dropout(x: Array, rate: float, key: Array | None) -> Array:
    """Zero each entry with probability `rate` (to a resolution of 2^-16) and scale the rest so that the mean stays.

    Returns `x` unchanged without a key or with rate 0.
    """
    if key is None or rate == 0.0:
        return x
    kept = max(1, round((1.0 - rate) * _LEVELS))
    if kept == _LEVELS:
        return x
    # 16-bit draws: generating random bits is a visible part of a step on a CPU, and halves with the width
    draws = jax.random.bits(key, x.shape, jnp.uint16)
    return jnp.where(draws < kept, x * (_LEVELS / kept), 0.0)


class Linear(nnx.Module):
    """y = [h ; side] W + b over the last axis.

    Args:
        inputs, outputs: features in and out. side: width of the side input, 0 for none.
        scale: standard deviation of the weights; He's if not given.
    """

    def __init__(self, inputs: int, outputs: int, *, key: Array, side: int = 0, scale: float | None = None, bias: bool = True) -> None:
        shape = (inputs + side, outputs)
        weights = he_normal(key, shape, inputs + side) if scale is None else jax.random.normal(key, shape) * scale
        self.kernel = nnx.Param(weights)
        self.bias = nnx.Param(jnp.zeros(outputs)) if bias else None
        self.inputs = inputs

    def __call__(self, h: Array, side: Array | None = None) -> Array:
        """`h` (..., inputs), or (B, C, inputs) with `side` (K, S). Returns (..., outputs), or (B, K, outputs)."""
        kernel = self.kernel[...]
        out = h @ kernel[: self.inputs]
        if side is not None:
            out = out + side @ kernel[self.inputs :]
        return out if self.bias is None else out + self.bias[...]


class Convolution(nnx.Module):
    """A 3x3 convolution over maps with a component axis, SAME padding; `transposed` doubles the map instead of halving it."""

    def __init__(
        self, inputs: int, outputs: int, *, key: Array, stride: Literal[1, 2] = 1, transposed: bool = False, side: int = 0
    ) -> None:
        # a transposed convolution of stride 2 reaches each output pixel with a quarter of its nine taps on average
        fan_in = (inputs + side) * 9 / (4 if transposed else 1)
        self.kernel = nnx.Param(jax.random.normal(key, (3, 3, inputs + side, outputs)) * math.sqrt(2.0 / fan_in))
        self.bias = nnx.Param(jnp.zeros(outputs))
        self.inputs = inputs
        self.stride: Literal[1, 2] = stride
        self.transposed = transposed

    def __call__(self, h: Array, side: Array | None = None, *, out_size: tuple[int, int]) -> Array:
        """`h` (B, C, H, W, inputs) and `side` (K, S), constant over space. Returns (B, C or K, *out_size, outputs)."""
        kernel = self.kernel[...]
        out = self._maps(h, kernel[:, :, : self.inputs], out_size)
        if side is not None:
            spread = jnp.broadcast_to(side[None, :, None, None, :], (1, side.shape[0], *h.shape[2:4], side.shape[1]))
            out = out + self._maps(spread, kernel[:, :, self.inputs :], out_size)
        return out + self.bias[...]

    def _maps(self, h: Array, kernel: Array, out_size: tuple[int, int]) -> Array:
        flat = h.reshape(-1, *h.shape[2:])
        out = conv2d_transpose(flat, kernel, out_hw=out_size) if self.transposed else conv2d(flat, kernel, stride=self.stride)
        return out.reshape(*h.shape[:2], *out.shape[1:])


class LayerNorm(nnx.Module):
    """Layer norm over the last axis (features, or channels at each pixel) with scale and offset (Ba et al. 2016)."""

    def __init__(self, width: int) -> None:
        self.scale = nnx.Param(jnp.ones(width))
        self.bias = nnx.Param(jnp.zeros(width))

    def __call__(self, h: Array) -> Array:
        return standardize(h, axes=(-1,)) * self.scale[...] + self.bias[...]


def standardize(h: Array, axes: tuple[int, ...]) -> Array:
    """`h` with mean 0 and variance 1 over `axes`."""
    centred = h - jnp.mean(h, axis=axes, keepdims=True)
    variance = jnp.mean(jnp.square(centred), axis=axes, keepdims=True)
    return centred * jax.lax.rsqrt(variance + NORM_EPSILON)
