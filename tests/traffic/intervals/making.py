"""Forecasts of quantiles with truths, from fixed seeds."""

from __future__ import annotations

import numpy as np
import scipy.stats

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def forecasts(
    windows: int, *, seed: int, sensors: int = 2, steps: int = 2, spread: float = 1.0, missing: float = 0.0, bias: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecast (windows, P, N, 1, K), truth and mask.

    Truths are normal with deviation 1 + step + detector around a level that differs; a forecast has the quantiles of `spread` times
    that deviation, off by `bias`.
    """
    generator = np.random.default_rng(seed)
    shape = (windows, steps, sensors, 1)
    level = generator.normal(60, 10, shape)
    deviation = 1.0 + np.arange(steps)[:, None, None] + np.arange(sensors)[:, None]
    truth = level + deviation * generator.standard_normal(shape)
    places = scipy.stats.norm.ppf(QUANTILES)
    forecast = level[..., None] + bias + spread * np.broadcast_to(deviation, shape)[..., None] * places
    return forecast, truth, generator.random(shape) >= missing
