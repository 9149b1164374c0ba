"""Gaps in the clock, and zeros that mean that nothing was measured."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from traffic.data.clock import clock_text
from traffic.data.contract import TrafficData
from traffic.errors import Place, TrafficError

Gaps = Literal["error", "insert_nan", "keep"]
Zeros = Literal["none", "metrics", "both"]
SHOWN = 5
LARGEST_GAP_S = 366 * 86_400
"""Time that is filled with missing rows at most: a wrong date would fill the memory."""


def with_gaps(data: TrafficData, rule: Gaps) -> TrafficData:
    """Data whose gaps are refused, filled with rows of missing values, or kept, where steps then number rows.

    Raises:
        TrafficError: DATA_GAP with the first five gaps (row, time, seconds), if they are refused; or if missing rows cannot fill them.
    """
    breaks = data.breaks
    if not len(breaks) or rule == "keep":
        return data
    steps = _skipped(data)
    if rule == "error":
        raise _gap(data, breaks, "The clock has gaps", "Set data.gaps to insert_nan or keep.")
    if (steps % data.interval_s).any():
        odd = breaks[steps % data.interval_s != 0]
        raise _gap(data, odd, f"Steps are no multiple of {data.interval_s} s", "Set data.gaps to keep, or correct the times.")
    if steps.sum() > LARGEST_GAP_S:
        raise _gap(data, breaks, "The gaps are longer than a year", "Check the dates, or set data.gaps to keep.")
    rows = (data.timestamps - data.timestamps[0]) // data.interval_s
    values = np.full((int(rows[-1]) + 1, *data.shape[1:]), np.nan, np.float32)
    values[rows] = data.values
    timestamps = data.timestamps[0] + data.interval_s * np.arange(len(values), dtype=np.int64)
    return dataclasses.replace(data, values=values, timestamps=timestamps)


def fillable(data: TrafficData) -> bool:
    """Whether rows of missing values can fill the gaps; without gaps, yes."""
    steps = _skipped(data)
    return not (steps % data.interval_s).any() and steps.sum() <= LARGEST_GAP_S


def _skipped(data: TrafficData) -> np.ndarray:
    """Seconds of each gap, int64."""
    return data.steps[data.breaks - 1] if len(data.breaks) else np.zeros(0, np.int64)


def _gap(data: TrafficData, rows: np.ndarray, what: str, hint: str) -> TrafficError:
    found = tuple((int(row), clock_text(int(data.timestamps[row])), int(data.steps[row - 1])) for row in rows[:SHOWN])
    places = "; ".join(f"row {row} ({time}) after {seconds} s" for row, time, seconds in found)
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    at = Place(key="data.gaps", file=data.source.path, row=found[0][0])
    return TrafficError("DATA_GAP", f"{what}: {places}{more}.", hint=hint, at=at, expected=data.interval_s, found=found)


def without_zeros(data: TrafficData, rule: Zeros) -> TrafficData:
    """Data whose zeros are missing values, if the rule is `both`; `metrics` leaves inputs as they are."""
    if rule != "both":
        return data
    return dataclasses.replace(data, values=np.where(data.values == 0, np.float32(np.nan), data.values))
