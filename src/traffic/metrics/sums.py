"""Sums of errors over a whole set, by horizon and group; every metric is a quotient of two of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

METRICS = ("mae", "rmse", "mape")


@dataclass(frozen=True)
class ErrorSums:
    """Float64 arrays of one shape, in original units.

    Attributes:
        absolute, squared: sums of errors. percent: sum of errors in percent of targets that are not zero.
        count, percent_count: how many targets each sum is over.
    """

    absolute: np.ndarray
    squared: np.ndarray
    percent: np.ndarray
    count: np.ndarray
    percent_count: np.ndarray

    @classmethod
    def zeros(cls, shape: tuple[int, ...]) -> ErrorSums:
        """Sums over nothing."""
        return cls(*(np.zeros(shape) for _ in range(5)))

    def __add__(self, other: ErrorSums) -> ErrorSums:
        return ErrorSums(*(mine + theirs for mine, theirs in zip(self.parts, other.parts, strict=True)))

    @property
    def parts(self) -> tuple[np.ndarray, ...]:
        """The five arrays."""
        return self.absolute, self.squared, self.percent, self.count, self.percent_count

    def over(self, axis: int) -> ErrorSums:
        """Sums along an axis."""
        return ErrorSums(*(part.sum(axis) for part in self.parts))

    def metric(self, name: str) -> np.ndarray:
        """`mae`, `rmse` or `mape` (percent) by cell; NaN where nothing was measured."""
        total, count = {
            "mae": (self.absolute, self.count),
            "rmse": (self.squared, self.count),
            "mape": (self.percent, self.percent_count),
        }[name]
        mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
        return np.sqrt(mean) if name == "rmse" else mean


def errors(forecast: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> ErrorSums:
    """Each target's own error as sums over one: arrays of the forecast's shape, 0 where the mask is false.

    Args:
        forecast, truth: original units. mask: bool, where the truth was measured.
    """
    counted = mask.astype(np.float64)
    error = np.where(mask, np.abs(forecast.astype(np.float64) - truth), 0.0)
    relative = mask & (truth != 0)
    percent = np.divide(100.0 * error, np.abs(truth, dtype=np.float64), out=np.zeros(error.shape), where=relative)
    return ErrorSums(error, error**2, percent, counted, relative.astype(np.float64))
