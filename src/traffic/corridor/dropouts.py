"""Records that are lost, and detectors that hang."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.corridor.diagram import refused


@dataclass(frozen=True)
class DropoutSettings:
    """How records are lost.

    Attributes:
        single: probability that a detector's record is lost. up_days, down_hours: mean time between a detector's outages, and of one.
        all_days, all_minutes: mean time between losses of the whole corridor, and the length of one.
        stuck_days: mean time between times at which a detector repeats its last record; None for never. stuck_hours: mean of one.
    """

    single: float = 0.005
    up_days: float = 10.0
    down_hours: float = 3.0
    all_days: float = 14.0
    all_minutes: float = 30.0
    stuck_days: float | None = None
    stuck_hours: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.single < 1:
            raise refused("single", f"single is {self.single}.", "Give 0 or more, below 1.")
        for name in ("up_days", "down_hours", "all_days", "all_minutes", "stuck_hours"):
            if not getattr(self, name) > 0:
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give a number above 0; infinity for never.")
        if self.stuck_days is not None and not self.stuck_days > 0:
            raise refused("stuck_days", f"stuck_days is {self.stuck_days}.", "Give a number above 0, or none.")


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
