"""The few layers every network is made of: linear maps, convolutions, layer norm, dropout.

Activations carry a component axis: dense `(B, C, F)` and convolutional `(B, C, H, W, F)`, where C is 1 while all
components still share the value and K from the place on where they differ. A linear map may also take a *side*
input `(K, S)`, one vector per component. It stands for concatenating the side to the activations (over all
pixels), but is multiplied apart: what does not depend on the component is computed once, not K times.

Modules are built with zeros; each parameter carries how it starts (see `normal` and `constant`), and
`network.create` draws the values. Drawing them inside a compiled function would cost seconds of compilation.
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
DROPOUT_LEVELS = 1 << 16
"""Dropout compares 16-bit draws: random bits are a visible part of a step on a CPU."""


def normal(shape: tuple[int, ...], deviation: float) -> nnx.Param[Array]:
    """A parameter that starts at N(0, deviation^2)."""
    return nnx.Param(jnp.zeros(shape), deviation=deviation, start=0.0)


def constant(shape: tuple[int, ...], value: float) -> nnx.Param[Array]:
    """A parameter that starts at `value`."""
    return nnx.Param(jnp.zeros(shape), deviation=0.0, start=value)


def he_deviation(fan_in: float) -> float:
    """Standard deviation of weights that a (leaky) ReLU follows: sqrt(2 / fan_in) (He et al. 2015)."""
    return math.sqrt(2.0 / fan_in)


def leaky_relu(x: Array, slope: float) -> Array:
    """x where positive, `slope * x` elsewhere."""
    return jnp.where(x >= 0, x, slope * x)


def dropout(x: Array, rate: float | Array, draws: Array | None) -> Array:
    """Zero each entry with probability `rate` (to a resolution of 2^-16) and scale the rest so that the mean stays.

    `draws`: uint16, as many as `x` has entries. Returns `x` unchanged without draws.
    """
    if draws is None:
        return x
    # 16 bits cannot hold the number of levels itself, so that the least rate is one level
    kept = jnp.clip(jnp.round((1.0 - rate) * DROPOUT_LEVELS), 1, DROPOUT_LEVELS - 1)
    return jnp.where(draws.reshape(x.shape) < kept.astype(draws.dtype), x * (DROPOUT_LEVELS / kept), 0.0)


@jax.custom_vjp
def add_shared(h: Array, shared: Array) -> Array:
    """`h` (B, C, ...) + `shared` (K, ...), the same for every row; C is 1 or K.

    The gradient of `shared` is a sum over rows, which XLA does slowly on a CPU; as a product with ones it takes no time.
    """
    return h + shared[None]


def _add_shared_gradient(sizes: tuple[int, int], gradient: Array) -> tuple[Array, Array]:
    rows, components = sizes
    total = jnp.ones((1, rows), gradient.dtype) @ gradient.reshape(rows, -1)
    whole = gradient if components == gradient.shape[1] else gradient.sum(axis=1, keepdims=True)
    return whole, total.reshape(gradient.shape[1:])


add_shared.defvjp(lambda h, shared: (add_shared(h, shared), h.shape[:2]), _add_shared_gradient)


def add_side(h: Array, side: Array, chosen: Array | None) -> Array:
    """`h` (B, C, ...) + `side`: (K, ...) for every row, only those `chosen` (B, M) for each if given, or (B, M, ...) as it is."""
    if side.ndim == h.ndim:
        return h + side
    return add_shared(h, side) if chosen is None else h + side[chosen]


class Linear(nnx.Module):
    """y = [h ; side] W + b over the last axis.

    Args:
        inputs, outputs: features in and out. side: width of the side input, 0 for none.
        deviation: standard deviation of the weights at the start; He's if not given.
    """

    def __init__(self, inputs: int, outputs: int, *, side: int = 0, deviation: float | None = None, bias: bool = True) -> None:
        self.kernel = normal((inputs + side, outputs), he_deviation(inputs + side) if deviation is None else deviation)
        self.bias = constant((outputs,), 0.0) if bias else None
        self.inputs = inputs

    def __call__(self, h: Array, side: Array | None = None, chosen: Array | None = None) -> Array:
        """`h` (..., inputs), or (B, C, inputs) with a `side` (see `add_side`). Returns (..., outputs), or (B, K or M, outputs)."""
        kernel = self.kernel[...]
        out = h @ kernel if side is None else add_side(h @ kernel[: self.inputs], side @ kernel[self.inputs :], chosen)
        return out if self.bias is None else out + self.bias[...]


class Convolution(nnx.Module):
    """A 3x3 convolution over maps with a component axis, SAME padding; `transposed` doubles the map instead of halving it."""

    def __init__(self, inputs: int, outputs: int, *, stride: Literal[1, 2] = 1, transposed: bool = False, side: int = 0) -> None:
        # a transposed convolution of stride 2 reaches each output pixel with a quarter of its nine taps on average
        fan_in = (inputs + side) * 9 / (4 if transposed else 1)
        self.kernel = normal((3, 3, inputs + side, outputs), he_deviation(fan_in))
        self.bias = constant((outputs,), 0.0)
        self.inputs = inputs
        self.stride: Literal[1, 2] = stride
        self.transposed = transposed

    def __call__(self, h: Array, side: Array | None = None, chosen: Array | None = None, *, out_size: tuple[int, int]) -> Array:
        """`h` (B, C, H, W, inputs) and a `side` (see `add_side`), constant over space. Returns (B, C, K or M, *out_size, outputs)."""
        kernel = self.kernel[...]
        if side is None:
            return self._maps(h, kernel, out_size) + self.bias[...]
        rows = side if side.ndim == 3 else side[None]
        spread = jnp.broadcast_to(rows[:, :, None, None, :], (*rows.shape[:2], *h.shape[2:4], rows.shape[2]))
        maps = self._maps(spread, kernel[:, :, self.inputs :], out_size)
        out = add_side(self._maps(h, kernel[:, :, : self.inputs], out_size), maps if side.ndim == 3 else maps[0], chosen)
        return out + self.bias[...]

    def _maps(self, h: Array, kernel: Array, out_size: tuple[int, int]) -> Array:
        flat = h.reshape(-1, *h.shape[2:])
        out = conv2d_transpose(flat, kernel, out_hw=out_size) if self.transposed else conv2d(flat, kernel, stride=self.stride)
        return out.reshape(*h.shape[:2], *out.shape[1:])


class LayerNorm(nnx.Module):
    """Layer norm over the last axis (features, or channels at each pixel) with scale and offset (Ba et al. 2016)."""

    def __init__(self, width: int) -> None:
        self.scale = constant((width,), 1.0)
        self.bias = constant((width,), 0.0)

    def __call__(self, h: Array) -> Array:
        return standardize(h, axes=(-1,)) * self.scale[...] + self.bias[...]


def standardize(h: Array, axes: tuple[int, ...]) -> Array:
    """`h` with mean 0 and variance 1 over `axes`."""
    centred = h - jnp.mean(h, axis=axes, keepdims=True)
    variance = jnp.mean(jnp.square(centred), axis=axes, keepdims=True)
    return centred * jax.lax.rsqrt(variance + NORM_EPSILON)
