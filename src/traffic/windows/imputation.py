"""Filling inputs where nothing was measured, from the past alone."""

from __future__ import annotations

from typing import Literal

import numpy as np

from traffic.windows.profile import Profile

Impute = Literal["ffill", "profile", "mean"]


def imputed(values: np.ndarray, timestamps: np.ndarray, profile: Profile, rule: Impute = "ffill") -> np.ndarray:
    """Values without a hole, float32 (T, N, F).

    Args:
        values: (T, N, F), NaN where missing. timestamps: (T,).
        profile: of training rows. rule: `ffill` takes the last measurement, and the training mean before the first;
            `profile` the usual value at that time of the week; `mean` the training mean.
    """
    if rule == "profile":
        return np.where(np.isnan(values), profile.by_week(timestamps), values).astype(np.float32)
    filled = forward_filled(values) if rule == "ffill" else values
    return np.where(np.isnan(filled), profile.mean, filled).astype(np.float32)


def forward_filled(values: np.ndarray) -> np.ndarray:
    """The last measurement at or before each row; NaN before the first."""
    rows = np.arange(len(values)).reshape(-1, 1, 1)
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, rows), axis=0)
    return np.take_along_axis(values, last, axis=0)
