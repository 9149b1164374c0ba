"""Windows in index arithmetic: L input rows that end at t, then P target rows. No window is ever copied out of the series here."""

from __future__ import annotations

import numpy as np

from traffic.windows.size import WindowSize


def window_ends(first: int, stop: int, size: WindowSize) -> np.ndarray:
    """Row t of the last input of every window that lies whole in rows [first, stop), int32."""
    return np.arange(size.count(stop - first), dtype=np.int32) + np.int32(first + size.lookback - 1)


def spread(ends: np.ndarray, most: int | None) -> np.ndarray:
    """At most so many windows, spread evenly over all; None: all."""
    if most is None or len(ends) <= most:
        return ends
    return ends[(np.arange(most) * len(ends)) // most]


def input_rows(ends: np.ndarray, size: WindowSize) -> np.ndarray:
    """Rows of the inputs of each window, int64 (windows, L)."""
    return ends.astype(np.int64)[:, None] + np.arange(1 - size.lookback, 1)


def target_rows(ends: np.ndarray, size: WindowSize) -> np.ndarray:
    """Rows of the targets of each window, int64 (windows, P)."""
    return ends.astype(np.int64)[:, None] + np.arange(1, size.horizon + 1)


def covered(ends: np.ndarray, rows: int, before: int, after: int) -> np.ndarray:
    """Which of `rows` rows lie from `before` rows before an end (0: the end itself) to `after` rows after it, bool (rows,)."""
    change = np.zeros(rows + 1, np.int64)
    np.add.at(change, ends.astype(np.int64) - before, 1)
    np.add.at(change, ends.astype(np.int64) + after + 1, -1)
    return np.cumsum(change)[:rows] > 0


def across(ends: np.ndarray, size: WindowSize, breaks: np.ndarray) -> np.ndarray:
    """Which windows reach over a break: a row that does not follow the row before it by one interval, bool (windows,)."""
    first = ends.astype(np.int64) - size.lookback + 1
    return np.searchsorted(breaks, first, side="right") < np.searchsorted(breaks, ends.astype(np.int64) + size.horizon, side="right")
