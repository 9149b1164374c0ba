"""Rain, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.corridor.diagram import refused


@dataclass(frozen=True)
class WeatherSettings:
    """How it rains and what rain does.

    Attributes:
        starts, ends: probability that a dry hour is followed by rain, and a wet one by none. speed, capacity: factors in rain.
    """

    starts: float = 0.02
    ends: float = 0.20
    speed: float = 0.92
    capacity: float = 0.90

    def __post_init__(self) -> None:
        for name in ("starts", "ends"):
            if not 0 <= getattr(self, name) <= 1:
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give 0 to 1.")
        for name in ("speed", "capacity"):
            if not 0 < getattr(self, name) <= 1:
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give a share above 0.")


def draw_rain(settings: WeatherSettings, timestamps: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """Whether it rains in each record, bool (T,). The first hour is dry."""
    hours = (timestamps - timestamps[0]) // 3600
    drawn = numbers.random(int(hours[-1]) + 1)
    rain = np.zeros(len(drawn), bool)
    for hour in range(1, len(rain)):
        rain[hour] = drawn[hour] >= settings.ends if rain[hour - 1] else drawn[hour] < settings.starts
    return rain[hours]
