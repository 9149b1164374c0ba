"""Masked errors counted one by one in float64, sharing no code with what is tested."""

from __future__ import annotations

import math

import numpy as np


def counted(forecast: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> dict[str, list[float]]:
    """MAE, RMSE and MAPE by horizon of arrays (windows, P, N)."""
    found: dict[str, list[float]] = {"mae": [], "rmse": [], "mape": []}
    for step in range(forecast.shape[1]):
        errors, percents = [], []
        for window in range(forecast.shape[0]):
            for sensor in range(forecast.shape[2]):
                if mask[window, step, sensor]:
                    wanted = float(truth[window, step, sensor])
                    errors.append(float(forecast[window, step, sensor]) - wanted)
                    if wanted != 0:
                        percents.append(100 * abs(errors[-1] / wanted))
        found["mae"].append(math.fsum(abs(error) for error in errors) / len(errors))
        found["rmse"].append(math.sqrt(math.fsum(error**2 for error in errors) / len(errors)))
        found["mape"].append(math.fsum(percents) / len(percents))
    return found
