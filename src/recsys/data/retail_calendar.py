"""The two years that the simulated shop is open, and when people buy."""

from __future__ import annotations

import numpy as np

FIRST_DAY = np.datetime64("2023-01-01")
DAYS = 731
"""2023-01-01 to 2024-12-31; 2024 is a leap year."""
DAY_SECONDS = 86_400
FIRST_SECOND = int(FIRST_DAY.astype("datetime64[s]").astype(np.int64))
"""Seconds from 1970-01-01T00:00Z to the first day."""
MONTHS = 12
WEEKDAY_WEIGHTS = np.array([0.90, 0.90, 0.95, 1.00, 1.20, 1.30, 0.75])
"""Monday to Sunday."""


def day_weights() -> np.ndarray:
    """Float64 (731,): growth over the two years, a wave with its crest in early December, and the weekday."""
    day = np.arange(DAYS)
    # 1970-01-01 was a Thursday
    weekday = (FIRST_DAY.astype(np.int64) + day + 3) % 7
    growth = 1 + 0.3 * day / DAYS
    wave = 1 + 0.2 * np.cos(2 * np.pi * (day - 340) / 365.25)
    return growth * wave * WEEKDAY_WEIGHTS[weekday]


def hour_weights() -> np.ndarray:
    """Float64 (24,): a peak at midday and a higher one in the evening."""
    hour = np.arange(24)
    return 0.15 + np.exp(-((hour - 12.5) ** 2) / 8) + 1.3 * np.exp(-((hour - 19) ** 2) / 6)


def month_of_day() -> np.ndarray:
    """Int64 (731,): the month of each day, 0 to 11."""
    return months_of(FIRST_SECOND + np.arange(DAYS) * DAY_SECONDS)


def months_of(seconds: np.ndarray) -> np.ndarray:
    """The month (UTC), 0 to 11, of each time in seconds since 1970; int64, same shape."""
    months = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return months % MONTHS
