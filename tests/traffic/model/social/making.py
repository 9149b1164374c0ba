"""Pooling modules with parameters that hide no term, and states for them."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx

from traffic.config_social import SocialPooling
from traffic.model.social.pooling import Pooling
from traffic.neighbours import Neighbours, nearest

WIDTH = 8
RADIUS = 3000.0


def places(sensors: int, seed: int = 0) -> np.ndarray:
    """Detectors strewn over about ten kilometres, the last one far from all others."""
    found = np.array([34.0, -118.0]) + np.random.default_rng(seed).uniform(0, 0.1, (sensors, 2))
    found[-1] += 1.0
    return found


def near(where: np.ndarray, **settings: Any) -> Neighbours:
    return nearest([f"s{number:03}" for number in range(len(where))], where, **{"knn_k": 3, "radius_m": RADIUS, **settings})


def pooling(neighbours: Neighbours, *, seed: int = 0, width: int = WIDTH, **settings: Any) -> Pooling:
    """A module whose parameters are random, biases and temperatures too."""
    config = SocialPooling.model_validate({"enabled": True, "heads": 2, "time_window": 2, "radius_m": RADIUS, **settings})
    module = Pooling(config, neighbours, width)
    generator = np.random.default_rng(seed)
    for parameter in named(module).values():
        parameter[...] = jnp.asarray(0.5 * generator.standard_normal(parameter.shape), jnp.float32)
    return module


def named(module: Pooling) -> dict[str, Any]:
    """Parameters by dotted name."""
    return {".".join(map(str, path)): leaf for path, leaf in nnx.to_flat_state(nnx.state(module, nnx.Param))}


def arrays(module: Pooling) -> dict[str, np.ndarray]:
    """The same as float64."""
    return {name: np.asarray(leaf[...], np.float64) for name, leaf in named(module).items()}


def states(sensors: int, *, batch: int = 2, steps: int = 4, width: int = WIDTH, seed: int = 1) -> tuple[Any, Any]:
    """Tokens (B, N, T, W) and their last (B, N, W)."""
    tokens = jnp.asarray(np.random.default_rng(seed).standard_normal((batch, sensors, steps, width)), jnp.float32)
    return tokens, tokens[:, :, -1]
