"""Numbers on a fixed scale and in buckets: what is kept of the train part, and what becomes of any value.

Statistics are worked out on the sorted finite values in float64, so that they don't depend on the order of
rows; a quantile between two values is interpolated linearly. Values are halved and scaled by powers of two
where they could overflow, which changes no digit of ordinary ones. Choices: NaN is null; an infinite value
counts for no statistic and lands at the end of the range.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from recsys.features.transforms import Range

if TYPE_CHECKING:
    from collections.abc import Iterable

Z_LIMIT = 10.0
"""How far from 0 a z-score goes."""


class Frozen(BaseModel):
    """Base of what is kept of the train part: frozen, without unknown fields, the same from its JSON."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Scale(Frozen):
    """What puts a column on a scale: the train part's least, largest, mean and population deviation."""

    range: Range
    minimum: float = 0.0
    maximum: float = 0.0
    mean: float = 0.0
    std: float = 0.0

    @property
    def constant(self) -> bool:
        """Whether the train part has fewer than two values: all become 0 then."""
        return self.minimum == self.maximum

    def limits(self) -> tuple[float, float]:
        """The ends of the range."""
        return {"[-1,1]": (-1.0, 1.0), "[0,1]": (0.0, 1.0), "z_score": (-Z_LIMIT, Z_LIMIT)}[self.range]

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Values (float64, any shape) on the scale, as float64, not limited to the range; NaN stays."""
        if self.constant:
            return np.where(np.isnan(values), np.nan, 0.0)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            if self.range == "z_score":
                return (values * 0.5 - self.mean * 0.5) / (self.std * 0.5)
            share = (values * 0.5 - self.minimum * 0.5) / (self.maximum * 0.5 - self.minimum * 0.5)
        return share if self.range == "[0,1]" else share * 2.0 - 1.0

    def inverse(self, values: np.ndarray) -> np.ndarray:
        """From the scale back to values, float64; of a constant column always its one value."""
        if self.constant:
            return np.where(np.isnan(values), np.nan, self.minimum)
        with np.errstate(over="ignore", invalid="ignore"):
            if self.range == "z_score":
                return values * self.std + self.mean
            share = values if self.range == "[0,1]" else (values + 1.0) * 0.5
            return (self.minimum * 0.5 + share * (self.maximum * 0.5 - self.minimum * 0.5)) * 2.0

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Values on the scale, within the range, float32; null is where the train part's mean is."""
        least, largest = self.limits()
        null = float(self.forward(np.array(self.mean)))
        placed = np.clip(self.forward(values), least, largest)
        return np.where(np.isnan(placed), null, placed).astype(np.float32)


class Edges(Frozen):
    """The values between buckets, rising. A table for them has a row for each bucket and one for null."""

    edges: tuple[float, ...]

    @property
    def rows(self) -> int:
        """Rows of a table of buckets: one more than edges, and that of null."""
        return len(self.edges) + 2

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The bucket of each value (float64, any shape), int64: the edges that it reaches; NaN the last."""
        found = np.searchsorted(np.array(self.edges, np.float64), values, side="right")
        return np.where(np.isnan(values), len(self.edges) + 1, found).astype(np.int64)


def sorted_finite(values: np.ndarray) -> np.ndarray:
    """The finite ones of some float64 values, rising."""
    return np.sort(values[np.isfinite(values)])


def fit_scale(ordered: np.ndarray, kind: Range) -> Scale:
    """The scale of finite values that rise, float64 of shape (n,)."""
    if not ordered.size:
        return Scale(range=kind)
    minimum, maximum = float(ordered[0]), float(ordered[-1])
    exponent = math.frexp(max(abs(minimum), abs(maximum)))[1]
    scaled = np.ldexp(ordered, -exponent)
    mean = float(scaled.mean())
    std = float(np.sqrt(np.mean((scaled - mean) ** 2)))
    return Scale(
        range=kind,
        minimum=minimum,
        maximum=maximum,
        mean=min(max(math.ldexp(mean, exponent), minimum), maximum),
        std=math.ldexp(std, exponent) if minimum < maximum else 0.0,
    )


def fit_edges(ordered: np.ndarray, buckets: int) -> Edges:
    """The quantiles k/buckets, k from 1 to buckets - 1, of finite values that rise; equal ones are merged."""
    cuts = quantiles(ordered, ((k, buckets) for k in range(1, buckets)))
    return Edges(edges=tuple(float(edge) for edge in np.unique(cuts)))


def quantiles(ordered: np.ndarray, shares: Iterable[tuple[int | float, int]]) -> np.ndarray:
    """Quantiles of finite values that rise, at shares given as fractions; float64, empty without values."""
    if not ordered.size:
        return np.empty(0)
    numerator, denominator = np.array(list(shares), np.float64).reshape(-1, 2).T
    place = numerator * (ordered.size - 1)
    below = (place // denominator).astype(np.int64)
    weight = (place - below * denominator) / denominator
    lower, upper = ordered[below] * 0.5, ordered[np.minimum(below + 1, ordered.size - 1)] * 0.5
    return (lower + weight * (upper - lower)) * 2.0
