"""Where a time stands in the year, quarter, month, ISO week and day: exact, in UTC, in int64 seconds.

The phase of a time is the elapsed fraction of the cycle it lies in, of the length that this very cycle has: a
year of 365 or 366 days, a quarter of 90 to 92, a month of 28 to 31. Float32 never holds a time: at today's
epoch it is 128 s coarse.
"""

from __future__ import annotations

from typing import Any

import numpy as np

DAY = 86_400

_MONTHS = {"yearly": 12, "quarterly": 3, "monthly": 1}


def phase(seconds: Any, cycle: str) -> np.ndarray:
    """The elapsed fraction of the current cycle.

    Args:
        seconds: int64 of any shape, seconds since 1970-01-01T00:00Z; before it, negative.
        cycle: yearly, quarterly, monthly, weekly (from Monday 00:00) or daily.

    Returns:
        float64 of the same shape, in [0, 1).

    Raises:
        ValueError: for another cycle. TypeError: for times that are no whole numbers.
    """
    seconds = np.asarray(seconds)
    if not np.issubdtype(seconds.dtype, np.integer):
        raise TypeError(
            f"times are whole seconds in int64 (got {seconds.dtype}); subtract and round in integers first"
        )
    seconds = seconds.astype(np.int64, copy=False)
    if cycle == "daily":
        return (seconds % DAY) / DAY
    if cycle == "weekly":
        return ((seconds // DAY + 3) % 7 * DAY + seconds % DAY) / (7 * DAY)
    if cycle not in _MONTHS:
        raise ValueError(f"there is no cycle {cycle!r}: yearly, quarterly, monthly, weekly or daily")
    return _of_months(seconds, _MONTHS[cycle])


def wave(phases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine of 2π times the phases, both float32 of their shape."""
    angle = 2 * np.pi * phases
    return np.sin(angle).astype(np.float32), np.cos(angle).astype(np.float32)


def _of_months(seconds: np.ndarray, months: int) -> np.ndarray:
    """The phase in cycles of so many calendar months. Each day that occurs is looked up once."""
    if seconds.size == 0:
        return np.zeros(seconds.shape)
    day, within = seconds // DAY, seconds % DAY
    first, last = int(day.min()), int(day.max())
    if last - first <= seconds.size:
        days, where = np.arange(first, last + 1), day - first
    else:
        days, where = np.unique(day, return_inverse=True)
    start = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // months * months
    starts = start.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    ends = (start + months).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    elapsed = (days - starts)[where] * DAY + within
    return elapsed / ((ends - starts)[where] * DAY)
