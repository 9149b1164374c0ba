"""Who wants to drive: demand by hour and day, with days that differ, noise that lasts, and shares that leave at ramps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.corridor.geometry import Geometry
from traffic.corridor.settings import DemandSettings
from traffic.windows.time_features import day_of_week, is_weekend, seconds_of_day

DAY_FACTORS = (0.97, 1.0, 1.0, 1.02, 1.05, 1.0, 0.9)
"""Monday to Sunday."""
MOST_SHARE = 0.95


@dataclass(frozen=True)
class Demand:
    """Vehicles per hour at the upstream end (T,) and into each cell (T, M), and the share of each cell's outflow that leaves (T, M)."""

    origin: np.ndarray
    ramps: np.ndarray
    exits: np.ndarray


def factor(timestamps: np.ndarray) -> np.ndarray:
    """Demand at times relative to the peak's, float64 (T,)."""
    hour = seconds_of_day(timestamps) / 3600

    def hump(middle: float, width: float) -> np.ndarray:
        return np.exp(-0.5 * ((hour - middle) / width) ** 2)

    weekday = np.minimum(1.05, 0.10 + 0.70 * hump(7.75, 1.3) + 0.80 * hump(17.25, 1.8) + 0.38 * hump(12.5, 3.0))
    weekend = 0.08 + 0.58 * hump(14, 4)
    return np.where(is_weekend(timestamps), weekend, weekday) * np.array(DAY_FACTORS)[day_of_week(timestamps)]


def draw_demand(geometry: Geometry, settings: DemandSettings, timestamps: np.ndarray, numbers: np.random.Generator) -> Demand:
    """Demand at the start of each record."""
    steps, cells = len(timestamps), len(geometry.lanes)
    days = timestamps // 86_400 - timestamps[0] // 86_400
    day = np.exp(settings.day_sd * numbers.standard_normal(int(days[-1]) + 1))[days]
    shifts = np.round(3600 * settings.clock_h * numbers.uniform(-1, 1, len(geometry.on_ramps))).astype(np.int64)
    noise = _lasting(numbers, steps, 1 + len(geometry.on_ramps), settings.persistence)
    share_noise = _lasting(numbers, steps, len(geometry.off_ramps), settings.persistence)
    relative = np.maximum(0.0, 1 + settings.noise_sd * noise) * day[:, None]
    origin = settings.per_lane * geometry.lanes[0] * factor(timestamps) * relative[:, 0]
    ramps, exits = np.zeros((steps, cells)), np.zeros((steps, cells))
    for number, ramp in enumerate(geometry.on_ramps):
        ramps[:, ramp.cell] = ramp.peak * factor(timestamps - shifts[number]) * relative[:, number + 1]
    for number, ramp in enumerate(geometry.off_ramps):
        exits[:, ramp.cell] = np.clip(ramp.share * (1 + settings.share_sd * share_noise[:, number]), 0, MOST_SHARE)
    return Demand(origin, ramps, exits)


def _lasting(numbers: np.random.Generator, steps: int, count: int, persistence: float) -> np.ndarray:
    """Standard normal numbers, each a part of the one before: an AR(1) process from its stationary start, float64 (steps, count)."""
    found = numbers.standard_normal((steps, count))
    fresh = np.sqrt(1 - persistence**2)
    for step in range(1, steps):
        found[step] = persistence * found[step - 1] + fresh * found[step]
    return found
