"""How large windows are, and how many of them series give. The module imports no array package: forms and files count windows, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from traffic.errors import Place, TrafficError

Protocol = Literal["strict", "standard"]
RATIO_SUM_ERROR = 1e-9


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


def counted(rows: int, size: WindowSize, protocol: Protocol, ratios: Sequence[float]) -> tuple[int, int, int]:
    """Windows of training, validation and test in so many rows without gaps. Raises TrafficError (DATA_SPLIT)."""
    return counted_exactly(rows, size, protocol, exact(ratios))


def rows_needed(size: WindowSize, protocol: Protocol, ratios: Sequence[float]) -> int:
    """The smallest T that gives each set a window, or one close to it where rounding makes that jump. Raises TrafficError (DATA_SPLIT)."""
    parts = exact(ratios)

    def enough(rows: int) -> bool:
        return all(counted_exactly(rows, size, protocol, parts))

    too_few, rows = 0, size.rows
    while not enough(rows):
        too_few, rows = rows, 2 * rows
    while rows - too_few > 1:
        middle = (rows + too_few) // 2
        too_few, rows = (too_few, middle) if enough(middle) else (middle, rows)
    while enough(rows - 1):
        rows -= 1
    return rows


def exact(ratios: Sequence[float]) -> tuple[Fraction, Fraction, Fraction]:
    """The ratios as the decimals that they are written as."""
    if len(ratios) != 3 or not all(0 < ratio < 1 for ratio in ratios) or abs(sum(ratios) - 1) > RATIO_SUM_ERROR:
        raise TrafficError(
            "DATA_SPLIT", f"The ratios {tuple(ratios)} do not divide a whole.", hint="Give three positive ratios that sum to 1.",
            at=Place(key="data.split"), found=tuple(ratios),
        )  # fmt: skip
    train, val, test = (Fraction(repr(float(ratio))) for ratio in ratios)
    return train, val, test


def counted_exactly(rows: int, size: WindowSize, protocol: Protocol, ratios: Sequence[Fraction]) -> tuple[int, int, int]:
    """Windows of the three sets, without gaps."""
    if protocol == "standard":
        windows = size.count(rows)
        first, second = round(ratios[0] * windows), round(ratios[1] * windows)
        return first, second, windows - first - second
    train, val, test = (size.count(stop - first) for first, stop in pairwise(cuts(rows, ratios)))
    return train, val, test


def cuts(rows: int, ratios: Sequence[Fraction]) -> tuple[int, int, int, int]:
    """Where the strict protocol divides rows."""
    train, val, _ = ratios
    return 0, int(rows * train), int(rows * (train + val)), rows
