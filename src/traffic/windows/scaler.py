"""Scaling of features by what training inputs show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Method = Literal["zscore", "minmax", "none"]
LEAST_SCALE = 1e-6
"""Below this standard deviation a feature counts as constant."""


@dataclass(frozen=True)
class Scaler:
    """`(x - offset) / scale`.

    Attributes:
        method: how it was fitted. offset, scale: float64, (F,), or (N, F) for a scaler by detector.
        constant: features that are constant, somewhere, and keep their scale.
    """

    method: Method
    offset: np.ndarray
    scale: np.ndarray
    constant: tuple[str, ...] = ()

    def transform(self, values: np.ndarray) -> np.ndarray:
        """Values (..., N, F) in units of the scale, float32."""
        return ((values - self.offset) / self.scale).astype(np.float32)

    def inverse(self, scaled: np.ndarray) -> np.ndarray:
        """Back to original units, float32."""
        return (scaled * self.scale + self.offset).astype(np.float32)


def fit_scaler(
    values: np.ndarray, rows: np.ndarray, features: tuple[str, ...], *, method: Method = "zscore", per_sensor: bool = False
) -> Scaler:
    """Fit to what was measured in some rows.

    Args:
        values: (T, N, F), NaN where missing. rows: bool (T,), the rows of training inputs. features: F names.
        per_sensor: a scale for each detector; one that measured nothing takes that of all.
    """
    seen = values[rows].astype(np.float64)
    offset, scale = _fitted(seen.reshape(-1, 1, seen.shape[2]), method)
    if per_sensor:
        own_offset, own_scale = _fitted(seen, method)
        silent = np.isnan(seen).all(0)
        offset, scale = np.where(silent, offset, own_offset), np.where(silent, scale, own_scale)
    else:
        offset, scale = offset[0], scale[0]
    flat = scale < LEAST_SCALE
    constant = tuple(name for name, each in zip(features, np.any(flat.reshape(-1, len(features)), axis=0).tolist(), strict=True) if each)
    return Scaler(method, offset, np.where(flat, 1.0, scale), constant)


def _fitted(seen: np.ndarray, method: Method) -> tuple[np.ndarray, np.ndarray]:
    """Offset and scale (N, F) of values (T, N, F); 0 and 1 where nothing was measured."""
    measured = ~np.isnan(seen)
    count = measured.sum(0)
    if method == "none":
        return np.zeros(count.shape), np.ones(count.shape)
    if method == "minmax":
        low = np.where(measured, seen, np.inf).min(0, initial=np.inf)
        high = np.where(measured, seen, -np.inf).max(0, initial=-np.inf)
        return np.where(count > 0, low, 0.0), np.where(count > 0, high - low, 1.0)
    filled = np.where(measured, seen, 0.0)
    mean = filled.sum(0) / np.maximum(count, 1)
    spread = np.where(measured, seen - mean, 0.0)
    return mean, np.where(count > 0, np.sqrt((spread**2).sum(0) / np.maximum(count, 1)), 1.0)
