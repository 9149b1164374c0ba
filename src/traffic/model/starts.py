"""How parameters start. Values are drawn with NumPy: drawing them inside a compiled function would cost seconds of compilation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

Start = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
"""(generator, shape) -> values in float64."""


def parameter(shape: tuple[int, ...], start: Start) -> nnx.Param[Array]:
    """A parameter that is zero until `network.create` draws its start."""
    return nnx.Param(jnp.zeros(shape), start=start)


@dataclass(frozen=True)
class Constant:
    """One value, or one for each place of the last axis."""

    value: float | tuple[float, ...]

    def __call__(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Values of `shape`."""
        return np.broadcast_to(np.asarray(self.value, np.float64), shape).copy()


@dataclass(frozen=True)
class Normal:
    """N(0, deviation²)."""

    deviation: float

    def __call__(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Values of `shape`."""
        return self.deviation * generator.standard_normal(shape)


@dataclass(frozen=True)
class Uniform:
    """U(-bound, bound)."""

    bound: float

    def __call__(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Values of `shape`."""
        return generator.uniform(-self.bound, self.bound, shape)


@dataclass(frozen=True)
class Glorot:
    """Uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010), for each of `blocks` side by side; scaled by `factor`."""

    blocks: int = 1
    factor: float = 1.0

    def __call__(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Values of `shape` (inputs, blocks * outputs)."""
        inputs, outputs = shape
        return self.factor * generator.uniform(-1, 1, shape) * math.sqrt(6 / (inputs + outputs / self.blocks))


@dataclass(frozen=True)
class Orthogonal:
    """`blocks` orthogonal matrices side by side, uniform over all of them (Saxe et al. 2014)."""

    blocks: int = 1

    def __call__(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Values of `shape` (width, blocks * width)."""
        width, _ = shape

        def one() -> np.ndarray:
            q, r = np.linalg.qr(generator.standard_normal((width, width)))
            return q * np.sign(np.diag(r))

        return np.concatenate([one() for _ in range(self.blocks)], axis=1)


@dataclass(frozen=True)
class Stacked:
    """Starts of the slices along the last axis but one, in order."""

    starts: tuple[Any, ...]

    def __call__(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Values of `shape` (..., len(starts), width)."""
        *before, _, width = shape
        return np.stack([start(generator, (*before, width)) for start in self.starts], axis=-2)
