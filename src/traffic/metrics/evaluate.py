"""A forecaster's errors on one set: by detector, hour, kind of day, congestion and day, in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.baselines.base import Forecaster
from traffic.metrics.sums import ErrorSums, errors
from traffic.windows.prepare import Prepared
from traffic.windows.time_features import DAY_S, is_weekend, seconds_of_day
from traffic.windows.windows import target_rows

HOURS = 24
CONGESTED_BELOW = 0.6
FREE_PERCENTILE = 85
CHUNK = 512
"""Windows at a time."""


@dataclass(frozen=True)
class Evaluation:
    """Sums of errors by horizon, target and group.

    Attributes:
        name: the forecaster. set: train, val or test. null: what was masked, `nan` or `0`.
        target_names: G names. sensor_ids: N names.
        by_sensor: (P, G, N). by_time: (P, G, 2, 24), weekdays first, hour of the target.
        by_congestion: (P, G, 2), targets below 60 % of the detector's 85th percentile of training rows first; only speed is grouped.
        by_day: (P, G, days), day of the window's last input, the set's first day first.
    """

    name: str
    set: str
    null: str
    target_names: tuple[str, ...]
    sensor_ids: tuple[str, ...]
    by_sensor: ErrorSums
    by_time: ErrorSums
    by_congestion: ErrorSums
    by_day: ErrorSums

    @property
    def total(self) -> ErrorSums:
        """Sums (P, G) over everything."""
        return self.by_sensor.over(2)

    @property
    def by_hour(self) -> ErrorSums:
        """Sums (P, G, 24) by hour of the target."""
        return self.by_time.over(2)

    @property
    def by_weekend(self) -> ErrorSums:
        """Sums (P, G, 2), weekdays first."""
        return self.by_time.over(3)


def evaluate(prepared: Prepared, forecaster: Forecaster, set_name: str) -> Evaluation:
    """The errors of a forecaster's windows of a set, each counted once."""
    ends = prepared.split.ends(set_name)
    days = prepared.timestamps[ends] // DAY_S
    groups = {"by_sensor": len(prepared.sensor_ids), "by_time": 2 * HOURS, "by_congestion": 2, "by_day": int(np.ptp(days)) + 1}
    shape = (prepared.split.size.horizon, len(prepared.target_names))
    sums = {name: ErrorSums.zeros((*shape, count)) for name, count in groups.items()}
    limits = congestion_limits(prepared)
    for first in range(0, len(ends), CHUNK):
        chunk = ends[first : first + CHUNK]
        rows = target_rows(chunk, prepared.split.size)
        truth, mask = prepared.targets[rows], prepared.target_mask[rows]
        each = errors(forecaster.forecast(chunk), truth, mask)
        times = prepared.timestamps[rows]
        by_step = ErrorSums(*(part.sum(2) for part in each.parts))  # (windows, P, G)
        found = {
            "by_sensor": ErrorSums(*(part.sum(0).transpose(0, 2, 1) for part in each.parts)),
            "by_time": _grouped(by_step, is_weekend(times) * HOURS + seconds_of_day(times) // 3600, groups["by_time"]),
            "by_congestion": _split_by(each, truth < limits, np.isfinite(limits) & mask),
            "by_day": _grouped(by_step, np.repeat(days[first : first + CHUNK, None] - days[0], shape[0], 1), groups["by_day"]),
        }
        sums = {name: total + found[name] for name, total in sums.items()}
    sums["by_time"] = ErrorSums(*(part.reshape(*shape, 2, HOURS) for part in sums["by_time"].parts))
    return Evaluation(forecaster.name, set_name, prepared.null, prepared.target_names, prepared.sensor_ids, **sums)


def congestion_limits(prepared: Prepared) -> np.ndarray:
    """Speed (N, G) below which a detector's traffic is congested; NaN for other targets and for detectors without measurements."""
    rows = prepared.split.training_rows
    seen = np.where(prepared.target_mask[rows], prepared.targets[rows], np.nan).astype(np.float64)
    limits = np.full(seen.shape[1:], np.nan)
    for target, name in enumerate(prepared.target_names):
        for sensor in range(len(limits)) if name == "speed" else ():
            values = seen[:, sensor, target]
            values = values[~np.isnan(values)]
            if len(values):
                limits[sensor, target] = CONGESTED_BELOW * np.percentile(values, FREE_PERCENTILE)
    return limits


def _grouped(sums: ErrorSums, group: np.ndarray, groups: int) -> ErrorSums:
    """Sums (windows, P, G) by group (windows, P): (P, G, groups)."""
    _, steps, targets = sums.count.shape
    cells = (np.arange(steps)[None, :, None] * targets + np.arange(targets)) * groups + group[..., None]
    size = steps * targets * groups
    return ErrorSums(*(np.bincount(cells.ravel(), part.ravel(), size).reshape(steps, targets, groups) for part in sums.parts))


def _split_by(each: ErrorSums, first: np.ndarray, counts: np.ndarray) -> ErrorSums:
    """Sums (windows, P, N, G) of those in the first group and of the others: (P, G, 2)."""
    sides = (counts & first, counts & ~first)
    return ErrorSums(*(np.stack([np.where(side, part, 0.0).sum((0, 2)) for side in sides], axis=-1) for part in each.parts))
