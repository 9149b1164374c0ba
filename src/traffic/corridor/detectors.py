"""What detectors show: flow, speed and occupancy, as they are and as they are measured."""

from __future__ import annotations

import numpy as np

from traffic.corridor.settings import NoiseSettings

FEATURES, UNITS = ("speed", "flow", "occupancy"), ("km/h", "veh/h", "%")
VEHICLE_KM = 0.0065
"""Length of road over which a vehicle occupies a detector."""
EMPTY_DENSITY = 0.1
"""Vehicles per km below which speed is that of an empty road."""
FASTEST = 130.0


def true_values(flow: np.ndarray, density: np.ndarray, lanes: np.ndarray, free_speed: float) -> np.ndarray:
    """Speed, flow and occupancy without noise, float64 (T, N, 3).

    Args:
        flow: vehicles per hour, (T, N). density: per km, all lanes, (T, N). lanes: at each detector, (N,).
    """
    flow, density = flow.astype(np.float64), density.astype(np.float64)
    speed = np.divide(flow, density, out=np.full(flow.shape, free_speed), where=density >= EMPTY_DENSITY)
    return np.stack([speed, flow, 100 * VEHICLE_KM * density / lanes], axis=-1)


def measured(true: np.ndarray, settings: NoiseSettings, interval_s: int, numbers: np.random.Generator) -> np.ndarray:
    """The same as detectors measure it, float64 (T, N, 3)."""
    speed, flow, occupancy = np.moveaxis(true, -1, 0)
    count = flow * interval_s / 3600
    sensors = flow.shape[1]
    speed_bias = settings.speed_bias * numbers.standard_normal(sensors)
    flow_bias = settings.flow_bias * numbers.standard_normal(sensors)
    drawn = numbers.standard_normal(true.shape, np.float32)
    speed_sd = np.sqrt(settings.speed_sd**2 + settings.speed_spread**2 / (count + 1))
    flow_sd = np.sqrt(settings.flow_spread * flow * 3600 / interval_s)
    shown = (
        np.clip(speed * (1 + speed_bias) + speed_sd * drawn[..., 0], 0, FASTEST),
        np.maximum(flow * (1 + flow_bias) + flow_sd * drawn[..., 1], 0),
        np.clip(occupancy * (1 + settings.occupancy_sd * drawn[..., 2]), 0, 100),
    )
    return np.stack(shown, axis=-1)
