"""Training, validation and test windows, by either of two protocols.

`standard` divides the windows in the order of their starts; neighbouring sets overlap, as in the literature. `strict` divides the rows;
a window belongs to a set only if all of its rows do, so that no row is a target in two sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from traffic.data.clock import clock_text
from traffic.data.contract import TrafficData
from traffic.errors import Place, TrafficError
from traffic.windows.size import Protocol, WindowSize, counted_exactly, cuts, exact, rows_needed
from traffic.windows.windows import across, covered, window_ends

SETS = ("train", "val", "test")


@dataclass(frozen=True)
class Split:
    """Windows by set.

    Attributes:
        protocol: how they were divided. size: of a window. rows: T of the series.
        train, val, test: row of the last input of each window, int32, ascending.
    """

    protocol: Protocol
    size: WindowSize
    rows: int
    train: np.ndarray
    val: np.ndarray
    test: np.ndarray

    def ends(self, name: str) -> np.ndarray:
        """The windows of a set by its name."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Windows of training, validation and test."""
        return len(self.train), len(self.val), len(self.test)

    @property
    def training_inputs(self) -> np.ndarray:
        """Rows that are inputs of training windows, bool (T,)."""
        return covered(self.train, self.rows, self.size.lookback - 1, 0)

    def target_rows(self, name: str) -> np.ndarray:
        """Rows that windows of a set forecast, bool (T,)."""
        return covered(self.ends(name), self.rows, -1, self.size.horizon)

    @property
    def training_rows(self) -> np.ndarray:
        """Rows that training windows contain at all, bool (T,)."""
        return covered(self.train, self.rows, self.size.lookback - 1, self.size.horizon)

    @property
    def unseen_training_rows(self) -> np.ndarray:
        """Rows up to the last training window's end that no training window contains, bool (T,): nothing may learn from them."""
        seen = self.training_rows
        return ~seen & (np.arange(self.rows) <= np.flatnonzero(seen)[-1])

    def dates(self, name: str, timestamps: np.ndarray) -> tuple[str, str]:
        """First and last target of the windows of a set, as text."""
        ends = self.ends(name)
        first, last = int(ends[0]) + 1, int(ends[-1]) + self.size.horizon
        return clock_text(timestamps[first]), clock_text(timestamps[last])

    def describe(self, timestamps: np.ndarray) -> str:
        """Protocol, counts and dates of targets in a line for reports."""
        parts = (f"{name} {len(self.ends(name)):,} windows, targets {' to '.join(self.dates(name, timestamps))}" for name in SETS)
        return f"{self.protocol}: {'; '.join(parts)}"


def split(
    data: TrafficData,
    size: WindowSize,
    *,
    protocol: Protocol = "strict",
    ratios: Sequence[float] = (0.7, 0.1, 0.2),
    train_stride: int = 1,
) -> Split:
    """Divide the windows of a series. `train_stride` takes every so many of the training windows.

    Raises:
        TrafficError: DATA_SPLIT for ratios that are not positive or do not sum to 1, or a stride below 1; DATA_TOO_SHORT with the
            number of rows that would suffice, if a set gets no window.
    """
    parts = exact(ratios)
    if train_stride < 1:
        raise TrafficError(
            "DATA_SPLIT", f"train_stride is {train_stride}.", hint="Give 1 or more.", at=Place(key="data.train_stride"), found=train_stride
        )
    rows = len(data.timestamps)
    sets = _divided(rows, size, protocol, parts)
    if protocol == "strict":
        sets = tuple(ends[~across(ends, size, data.breaks)] for ends in sets)
    train, val, test = sets
    empty = [name for name, ends in zip(SETS, sets, strict=True) if not len(ends)]
    if empty:
        needed = rows_needed(size, protocol, ratios)
        gaps = " without gaps" if len(data.breaks) else ""
        raise TrafficError(
            "DATA_TOO_SHORT", f"{rows:,} rows are too few: the {empty[0]} set gets no window.",
            hint=f"Give {needed:,} rows{gaps}, or shorten data.window.", at=Place(key="data.window"), expected=needed, found=rows,
        )  # fmt: skip
    return Split(protocol, size, rows, train[::train_stride], val, test)


def _divided(rows: int, size: WindowSize, protocol: Protocol, ratios: Sequence[Fraction]) -> tuple[np.ndarray, ...]:
    """Windows of the three sets."""
    if protocol == "standard":
        first, val, _ = counted_exactly(rows, size, protocol, ratios)
        ends = window_ends(0, rows, size)
        return ends[:first], ends[first : first + val], ends[first + val :]
    return tuple(window_ends(first, stop, size) for first, stop in pairwise(cuts(rows, ratios)))
