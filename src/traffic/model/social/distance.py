"""Pooling by distance: weights that nobody learns, on the neighbours' last states."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from traffic.config_social import Aggregation, Kernel
from traffic.errors import Place, TrafficError
from traffic.neighbours import Neighbours


def kernel_weights(neighbours: Neighbours, kernel: Kernel, *, scale: float, radius: float | None) -> np.ndarray:
    """How much each neighbour counts by its distance d, float64 (N, k): 0 for those that do not.

    Args:
        kernel: `gaussian` exp(-d^2 / 2s^2), `exponential` exp(-d / s), `linear` max(0, 1 - d / radius), `inverse` 1 / (1 + d / s).
        scale: s in metres. radius: in metres.

    Raises:
        TrafficError: MODEL_SHAPE for the linear kernel without a radius.
    """
    d = neighbours.distance
    if kernel == "linear":
        if radius is None:
            raise TrafficError(
                "MODEL_SHAPE", "The linear kernel ends at the radius, and there is none.", hint="Set radius_m, or choose another kernel.",
                at=Place(key="social_pooling.radius_m"),
            )  # fmt: skip
        weights = np.maximum(0.0, 1.0 - d / radius)
    else:
        near = d / scale
        weights = {"gaussian": np.exp(-(near**2) / 2), "exponential": np.exp(-near), "inverse": 1.0 / (1.0 + near)}[kernel]
    return np.where(neighbours.mask, weights, 0.0)


def shares(weights: np.ndarray, mask: np.ndarray, aggregation: Aggregation) -> np.ndarray:
    """By what each neighbour's state is multiplied, float64 (N, k).

    `weighted_sum` takes the weights, `weighted_mean` divides them by their sum, `mean` counts valid neighbours alike; for `max` it is
    which of them count.
    """
    if aggregation == "weighted_sum":
        return weights
    if aggregation == "max":
        return mask.astype(np.float64)
    found = mask.astype(np.float64) if aggregation == "mean" else weights
    total = found.sum(1, keepdims=True)
    return np.divide(found, total, out=np.zeros_like(found), where=total > 0)


def aggregate(states: Array, neighbours: Neighbours, weights: np.ndarray, aggregation: Aggregation) -> Array:
    """What the neighbours' states come to, (B, N, W); exactly 0 for a detector without any.

    Args:
        states: (B, N, W). weights: (N, k), of `kernel_weights`.
    """
    mask = neighbours.mask
    if not mask.any():
        return jnp.zeros_like(states)
    gathered = states[:, neighbours.looked_at]  # (B, N, k, W)
    if aggregation == "max":
        alone = neighbours.alone[:, None]
        # detectors alone take the maximum of finite values that is then dropped, so that no gradient is infinite
        counted = jnp.where((mask | alone)[..., None], gathered, -jnp.inf)
        return jnp.where(alone, 0.0, counted.max(axis=2))
    return jnp.einsum("bnkw,nk->bnw", gathered, jnp.asarray(shares(weights, mask, aggregation), states.dtype))
