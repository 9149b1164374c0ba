"""How well each detector measures: shares of missing values, and detectors that are constant, stuck, silent or filled with zeros."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.data.clock import clock_text
from traffic.data.contract import TrafficData
from traffic.facts import DAY_S, FEW_ZEROS, SPEED_UNITS

BINS = 120
"""Columns of a picture of what is missing over time, at most."""
MOSTLY = 0.5
"""From this share of missing values on a detector measures too seldom to be forecast."""
STUCK_S, NIGHT_S = 6 * 3600, DAY_S
"""Seconds of one and the same value, and of zeros, from which on a detector is stuck, or filled with zeros."""
SHOWN_GAPS = 5


@dataclass(frozen=True)
class Trouble:
    """Something wrong with detectors or the clock: what, which detectors, what to do; `grave` if a model cannot learn from them."""

    title: str
    sensors: tuple[str, ...]
    advice: str
    grave: bool = False


@dataclass(frozen=True)
class Health:
    """What was found in data.

    Attributes:
        missing: share of values of each detector that were not measured, (N,). over_time: the same by time, (bins, N).
        times: where each bin begins, seconds of the local clock, (bins,). troubles: most serious first.
    """

    missing: np.ndarray
    over_time: np.ndarray
    times: np.ndarray
    troubles: tuple[Trouble, ...]


def health_of(data: TrafficData, *, zeros_missing: bool = False) -> Health:
    """Shares and troubles of data whose zeros are as they were measured; with `zeros_missing` they count as missing."""
    absent = (np.isnan(data.values) | ((data.values == 0) & zeros_missing)).mean(2)
    edges = np.unique(np.linspace(0, len(absent), min(BINS, len(absent)) + 1).astype(int))[:-1]
    sums = np.add.reduceat(absent, edges, axis=0)
    sizes = np.diff([*edges, len(absent)])
    over_time = (sums / sizes[:, None]).astype(np.float32)
    missing = np.asarray(absent.mean(0))
    return Health(missing, over_time, data.timestamps[edges], (*_of_detectors(data, missing, zeros_missing), *_of_clock(data)))


def _of_detectors(data: TrafficData, missing: np.ndarray, zeros_missing: bool) -> list[Trouble]:
    silent = missing == 1
    constant, stuck, zeros = _odd(data)
    zeros &= not zeros_missing
    groups = (
        ("Silent: nothing was ever measured", silent, "They are left out of all errors. Choose detectors without them.", True),
        (
            f"Mostly missing: {MOSTLY:.0%} or more of the values", (missing >= MOSTLY) & ~silent,
            "What is missing is filled for the model and left out of errors. Choose detectors without them, or shorten the time.", True,
        ),
        ("Constant: one and the same value throughout", constant & ~silent, "They are forecast by their value, which flatters errors.", True),
        (
            f"Stuck: one value for {STUCK_S // 3600} hours or longer", stuck & ~constant,
            "A detector that hangs repeats its last value. Look at the series, and set such values missing in the file.", False,
        ),
        (
            "Filled with zeros: for a day or longer, or speeds of zero again and again", zeros & ~constant,
            "If zeros mean that nothing was measured, a model with zeros as missing everywhere learns better.", False,
        ),
    )  # fmt: skip
    names = np.array(data.sensor_ids, object)
    return [Trouble(title, tuple(names[which]), advice, grave) for title, which, advice, grave in groups if which.any()]


def _odd(data: TrafficData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which detectors are constant, stuck or filled with zeros in one of their features, bool (N,) each."""
    sensors = data.shape[1]
    constant, stuck, zeros = (np.zeros(sensors, bool) for _ in range(3))
    for feature, unit in enumerate(data.units):
        for sensor in range(sensors):
            values = data.values[:, sensor, feature]
            seen = values[~np.isnan(values)]
            if not len(seen):
                continue
            constant[sensor] |= len(seen) > 1 and bool((seen == seen[0]).all())
            stuck[sensor] |= _longest(values, zero=False) * data.interval_s >= STUCK_S
            often = unit in SPEED_UNITS and float((seen == 0).mean()) > FEW_ZEROS
            zeros[sensor] |= often or _longest(values, zero=True) * data.interval_s >= NIGHT_S
    return constant, stuck, zeros


def _longest(values: np.ndarray, *, zero: bool) -> int:
    """The longest run of rows with one value that is, or is not, zero; a missing value ends it."""
    same = (values[1:] == values[:-1]) & ((values[1:] == 0) == zero)
    if not same.any():
        return 0
    places = np.arange(len(same))
    last_other = np.maximum.accumulate(np.where(same, -1, places))
    return int((places - last_other).max()) + 1


def _of_clock(data: TrafficData) -> list[Trouble]:
    breaks = data.breaks
    if not len(breaks):
        return []
    told = [f"{clock_text(data.timestamps[row - 1])[:16]} to {clock_text(data.timestamps[row])[:16]}" for row in breaks[:SHOWN_GAPS]]
    more = f" and {len(breaks) - SHOWN_GAPS:,} more" if len(breaks) > SHOWN_GAPS else ""
    title = f"{len(breaks):,} {'gap' if len(breaks) == 1 else 'gaps'} in the clock"
    advice = f"{'; '.join(told)}{more}. No window reaches across a gap that is kept under the strict protocol."
    return [Trouble(title, (), advice)]
