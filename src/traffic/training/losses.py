"""Losses of forecasts, masked: in original units, divided by the target's deviation in training."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import Array

from traffic.intervals.pinball import pinball
from traffic.training.series import Series, Windows

Pointwise = Callable[[Array], Array]


def pointwise(name: str, *, huber_delta: float, quantiles: tuple[float, ...]) -> Pointwise:
    """The loss of errors `forecast - target` in deviations: of the shape of (..., G), or of (..., G, K) with quantiles for pinball, which
    is averaged over them."""
    if name == "mse":
        return jnp.square
    if name == "huber":
        return lambda error: jnp.where(
            jnp.abs(error) <= huber_delta, 0.5 * error**2, huber_delta * (jnp.abs(error) - 0.5 * huber_delta)
        )  # Huber (1964)
    if name == "pinball":
        levels = np.asarray(quantiles, np.float32)
        return lambda error: jnp.mean(pinball(-error, levels), axis=-1)
    return jnp.abs


def loss_sums(output: Array, windows: Windows, series: Series, loss: Pointwise) -> tuple[Array, Array]:
    """Sum of the loss by target (G,), and how many targets it is over (G,).

    Args:
        output: what a network gives, scaled: (B, P, N, G), or (B, P, N, G, K) with quantiles.
    """
    forecast = unscaled(output, series)
    quantiles = output.ndim == windows.targets.ndim + 1
    target, deviation = (part[..., None] if quantiles else part for part in (windows.targets, series.deviation))
    each = loss((forecast - target) / deviation)
    if each.ndim > windows.targets.ndim:
        raise ValueError("A loss of point forecasts was given forecasts at quantiles.")
    # what is not measured may be anything: it is left out, not multiplied by 0
    each = jnp.where(windows.counted > 0, each, 0.0)
    return jnp.sum(each, axis=(0, 1, 2)), jnp.sum(windows.counted, axis=(0, 1, 2))


def mean_loss(sums: Array, counts: Array) -> Array:
    """The loss: the mean by target, 0 for a target without any, averaged over targets."""
    return jnp.mean(sums / jnp.maximum(counts, 1.0))


def unscaled(output: Array, series: Series) -> Array:
    """A network's output (B, P, N, G) or (B, P, N, G, K) in original units."""
    offset, scale = series.offset, series.scale
    if output.ndim == 5:
        offset, scale = offset[..., None], scale[..., None]
    return output * scale + offset
