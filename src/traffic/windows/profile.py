"""Means by time of week, of training rows alone: what a detector usually shows at this hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.windows.time_features import DAY_S, WEEK_DAYS, day_of_week, is_weekend, slot_of_day

NEAR_S = 3600
"""How far the slot may be that stands in for one in which nothing was measured."""


@dataclass(frozen=True)
class Profile:
    """Means by slot, detector and feature, without holes.

    Attributes:
        weekly: float64 (7 * slots of a day, N, F). A slot with fewer than two measurements takes `daily`'s.
        daily: float64 (2, slots of a day, N, F), weekdays and weekends. An empty slot takes the same slot of the other kind of day, else the
            nearest slot within an hour, else `mean`.
        mean: float64 (N, F). A detector that measured nothing takes the mean of all.
        interval_s: seconds of a slot.
    """

    weekly: np.ndarray
    daily: np.ndarray
    mean: np.ndarray
    interval_s: int

    def by_week(self, timestamps: np.ndarray) -> np.ndarray:
        """The usual values at times, float64 (T, N, F): by day of week and slot of day."""
        slots = len(self.daily[0])
        return self.weekly[day_of_week(timestamps) * slots + slot_of_day(timestamps, self.interval_s)]

    def by_day(self, timestamps: np.ndarray) -> np.ndarray:
        """The same by weekday or weekend and slot of day."""
        return self.daily[is_weekend(timestamps).astype(int), slot_of_day(timestamps, self.interval_s)]


def fit_profile(values: np.ndarray, timestamps: np.ndarray, rows: np.ndarray, interval_s: int) -> Profile:
    """The profile of some rows.

    Args:
        values: (T, N, F), NaN where missing. timestamps: (T,). rows: bool (T,), what may be learned from.
    """
    values, timestamps = values[rows].astype(np.float64), timestamps[rows]
    slots = -(-DAY_S // interval_s)
    slot = slot_of_day(timestamps, interval_s)
    total, count = _sums(values, np.zeros(len(slot), int), 1)
    mean = _mean(total[0], count[0], _mean(total[0].sum(0), count[0].sum(0), np.zeros(values.shape[2])))
    total, count = _sums(values, is_weekend(timestamps).astype(int) * slots + slot, 2 * slots)
    daily = _filled(_mean(total, count, np.full(mean.shape, np.nan)).reshape(2, slots, *mean.shape), interval_s)
    daily = np.where(np.isnan(daily), mean, daily)
    total, count = _sums(values, day_of_week(timestamps) * slots + slot, WEEK_DAYS * slots)
    day = (np.arange(WEEK_DAYS) >= 5).astype(int)
    weekly = np.where(count < 2, daily[day].reshape(total.shape), _mean(total, count, mean))
    return Profile(weekly, daily, mean, interval_s)


def unseen_days(learned: np.ndarray, asked: np.ndarray) -> str:
    """The kind of day, `weekends` or `weekdays`, of times that are asked for while no time that was learned from is of it; else empty."""
    learned, asked = is_weekend(learned), is_weekend(asked)
    for name, kind in (("weekends", True), ("weekdays", False)):
        if (asked == kind).any() and not (learned == kind).any():
            return name
    return ""


def _filled(daily: np.ndarray, interval_s: int) -> np.ndarray:
    """Slots (2, slots of a day, N, F) that are NaN, from the other kind of day, then from the nearest slot of the day; NaN where there is none."""
    filled = own = np.where(np.isnan(daily), daily[::-1], daily)
    if not np.isnan(own).any():
        return own
    for distance in range(1, NEAR_S // interval_s + 1):
        for side in (distance, -distance):
            filled = np.where(np.isnan(filled), np.roll(own, side, axis=1), filled)
    return filled


def _sums(values: np.ndarray, slot: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums and counts of what was measured, by slot: (slots, N, F) each."""
    order = np.argsort(slot, kind="stable")
    present, starts = np.unique(slot[order], return_index=True)
    total, count = np.zeros((slots, *values.shape[1:])), np.zeros((slots, *values.shape[1:]))
    if len(order):
        ordered = values[order]
        missing = np.isnan(ordered)
        count[present] = np.add.reduceat(~missing, starts, axis=0, dtype=np.int64)
        ordered[missing] = 0.0
        total[present] = np.add.reduceat(ordered, starts, axis=0)
    return total, count


def _mean(total: np.ndarray, count: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    return np.where(count > 0, total / np.maximum(count, 1), otherwise)
