"""Forecasts that fit nothing but means: the last value, and what is usual at that time of the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.windows.prepare import Prepared
from traffic.windows.windows import target_rows


@dataclass(frozen=True)
class LastValue:
    """The last measurement stays."""

    prepared: Prepared
    name: str = "last_value"

    def forecast(self, ends: np.ndarray) -> np.ndarray:
        """See `Forecaster`."""
        last = self.prepared.filled[ends][:, None]
        return np.repeat(last, self.prepared.split.size.horizon, axis=1)


@dataclass(frozen=True)
class HistoricalAverage:
    """The training mean of the target's time: by slot of the week, or of weekdays and weekends (`by_week` false)."""

    prepared: Prepared
    by_week: bool = True
    name: str = "historical_average"

    def forecast(self, ends: np.ndarray) -> np.ndarray:
        """See `Forecaster`."""
        return usual(self.prepared, ends, by_week=self.by_week).astype(np.float32)


def usual(prepared: Prepared, ends: np.ndarray, *, by_week: bool) -> np.ndarray:
    """The profile at the targets' rows, float64 (windows, P, N, G)."""
    rows = target_rows(ends, prepared.split.size)
    first, stop = int(rows.min()), int(rows.max()) + 1
    times = prepared.timestamps[first:stop]
    profile = prepared.profile
    means = profile.by_week(times) if by_week else profile.by_day(times)
    return means[..., list(prepared.target_columns)][rows - first]
