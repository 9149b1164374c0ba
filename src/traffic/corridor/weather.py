"""Rain, hour by hour."""

from __future__ import annotations

import numpy as np

from traffic.corridor.settings import WeatherSettings


def draw_rain(settings: WeatherSettings, timestamps: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """Whether it rains in each record, bool (T,). The first hour is dry."""
    hours = (timestamps - timestamps[0]) // 3600
    drawn = numbers.random(int(hours[-1]) + 1)
    rain = np.zeros(len(drawn), bool)
    for hour in range(1, len(rain)):
        rain[hour] = drawn[hour] >= settings.ends if rain[hour - 1] else drawn[hour] < settings.starts
    return rain[hours]
