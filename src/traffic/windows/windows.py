"""Windows in index arithmetic: L input rows that end at t, then P target rows. No window is ever copied out of the series here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.errors import Place, TrafficError


@dataclass(frozen=True)
class WindowSize:
    """Rows of a window: `lookback` inputs (L) and `horizon` targets (P).

    Raises:
        TrafficError: DATA_TOO_SHORT if either is below 1.
    """

    lookback: int = 12
    horizon: int = 12

    def __post_init__(self) -> None:
        if self.lookback < 1 or self.horizon < 1:
            raise TrafficError(
                "DATA_TOO_SHORT", f"A window of {self.lookback} input and {self.horizon} target rows is none.", hint="Give 1 or more.",
                at=Place(key="data.window"), expected=(1, 1), found=(self.lookback, self.horizon),
            )  # fmt: skip

    @property
    def rows(self) -> int:
        """L + P."""
        return self.lookback + self.horizon

    def count(self, rows: int) -> int:
        """How many windows lie in so many rows: T - L - P + 1, none in too few."""
        return max(0, rows - self.rows + 1)


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
