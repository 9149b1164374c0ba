"""Records that are lost, and detectors that hang."""

from __future__ import annotations

import numpy as np

from traffic.corridor.settings import DropoutSettings


def draw_lost(settings: DropoutSettings, steps: int, sensors: int, interval_s: int, numbers: np.random.Generator) -> np.ndarray:
    """Records that are lost in all features, bool (T, N)."""
    lost = numbers.random((steps, sensors)) < settings.single
    whole = _spells(numbers, steps, interval_s, settings.all_days * 86_400, settings.all_minutes * 60, fixed=True)
    for sensor in range(sensors):
        lost[:, sensor] |= _spells(numbers, steps, interval_s, settings.up_days * 86_400, settings.down_hours * 3600)
    return lost | whole[:, None]


def hanging(values: np.ndarray, settings: DropoutSettings, interval_s: int, numbers: np.random.Generator) -> np.ndarray:
    """Values (T, N, F) whose detectors repeat a record now and then."""
    if settings.stuck_days is None:
        return values
    steps, sensors, _ = values.shape
    found = values.copy()
    for sensor in range(sensors):
        stuck = _spells(numbers, steps, interval_s, settings.stuck_days * 86_400, settings.stuck_hours * 3600)
        stuck[0] = False
        last = np.maximum.accumulate(np.where(stuck, 0, np.arange(steps)))
        found[:, sensor] = values[last, sensor]
    return found


def _spells(
    numbers: np.random.Generator, steps: int, interval_s: int, between_s: float, length_s: float, *, fixed: bool = False
) -> np.ndarray:
    """Spells of a mean (or fixed) length after mean times between them, both exponential: the records they touch, bool (steps,)."""
    found = np.zeros(steps, bool)
    time, end = 0.0, float(steps * interval_s)
    while True:
        time += numbers.exponential(between_s)
        if not time < end:
            return found
        length = length_s if fixed else numbers.exponential(length_s)
        first = int(time // interval_s)
        found[first : first + max(1, round(length / interval_s))] = True
        time += length
