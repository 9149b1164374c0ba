"""What is known of a time without measuring: places on the circles of day and week, and slots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

DAY_S = 86_400
WEEK_DAYS = 7
_FIRST_WEEKDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""

TimeFeature = Literal["tod", "dow"]


def encodings(timestamps: np.ndarray, names: Sequence[TimeFeature] = ("tod", "dow")) -> np.ndarray:
    """Sine and cosine of the angle on the circle of the day (`tod`) and of the week (`dow`), float32 (T, 2 * names).

    Args:
        timestamps: int64 seconds of local clock (T,).
    """
    turns = {"tod": seconds_of_day(timestamps) / DAY_S, "dow": seconds_of_week(timestamps) / (WEEK_DAYS * DAY_S)}
    angles = [2 * np.pi * turns[name] for name in names]
    columns = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.stack(columns, axis=1).astype(np.float32) if columns else np.zeros((len(timestamps), 0), np.float32)


def day_of_week(timestamps: np.ndarray) -> np.ndarray:
    """0 for Monday to 6 for Sunday, int64 (T,)."""
    return (timestamps // DAY_S + _FIRST_WEEKDAY) % WEEK_DAYS


def seconds_of_day(timestamps: np.ndarray) -> np.ndarray:
    """Seconds since midnight, int64 (T,)."""
    return timestamps % DAY_S


def seconds_of_week(timestamps: np.ndarray) -> np.ndarray:
    """Seconds since Monday's first midnight, int64 (T,)."""
    return day_of_week(timestamps) * DAY_S + seconds_of_day(timestamps)


def slot_of_day(timestamps: np.ndarray, interval_s: int) -> np.ndarray:
    """Number of the interval of the day, int64 (T,)."""
    return seconds_of_day(timestamps) // interval_s


def is_weekend(timestamps: np.ndarray) -> np.ndarray:
    """Whether it is Saturday or Sunday, bool (T,)."""
    return day_of_week(timestamps) >= 5
