"""Shapes by which weights rise and temperatures fall. A new shape is one function and one line in `SHAPES`.

A shape maps progress t in [0, 1] to the share of the way gone, from 0 to 1 and monotone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array

EXPONENTIAL_RATIO = 100.0
"""The exponential shape's slope at the end over its slope at the start."""


def linear(t: Array) -> Array:
    """In equal steps."""
    return t


def exponential(t: Array) -> Array:
    """In equal ratios: slow first, then quick."""
    return (jnp.power(EXPONENTIAL_RATIO, t) - 1.0) / (EXPONENTIAL_RATIO - 1.0)


def cosine(t: Array) -> Array:
    """Slow at both ends."""
    return 0.5 * (1.0 - jnp.cos(math.pi * t))


def constant(t: Array) -> Array:
    """All the way from the start."""
    return jnp.ones_like(t)


SHAPES: dict[str, Callable[[Array], Array]] = {"constant": constant, "linear": linear, "exponential": exponential, "cosine": cosine}


def rise(shape: str, epoch: Any, length: Any) -> Array:
    """The anneal factor of `epoch` (0-based): near 0 at first, 1 from epoch `length` - 1 on, 1 if `length` is 0. Both may be traced."""
    progress = jnp.minimum(1.0, (jnp.asarray(epoch, jnp.float32) + 1.0) / jnp.maximum(length, 1.0))
    return SHAPES[shape](progress)


def fall(shape: str, epoch: Any, *, start: Any, end: Any, length: Any) -> Array:
    """The temperature of `epoch` (0-based): `start` at first, `end` from epoch `length` on, between them in the shape's steps.

    The exponential shape falls in equal ratios. `start` throughout if the shape is constant or `length` is 0. All may be traced.
    """
    if shape == "constant":
        return jnp.asarray(start, jnp.float32)
    progress = jnp.where(length > 0, jnp.clip(jnp.asarray(epoch, jnp.float32) / jnp.maximum(length, 1.0), 0.0, 1.0), 0.0)
    if shape == "exponential":
        return start * jnp.power(end / start, progress)
    return start + (end - start) * SHAPES[shape](progress)


def ramp(epoch: Any, *, warmup: Any, length: Any) -> Array:
    """0 during `warmup` epochs, then linear to 1 over `length` epochs: clip((epoch + 1 - warmup) / length, 0, 1)."""
    return jnp.clip((jnp.asarray(epoch, jnp.float32) + 1.0 - warmup) / length, 0.0, 1.0)
