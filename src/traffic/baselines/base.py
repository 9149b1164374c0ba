"""What a forecast by any method looks like."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Forecaster(Protocol):
    """A fitted method."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def forecast(self, ends: np.ndarray) -> np.ndarray:
        """Forecasts of windows by the row of their last input: float32 (windows, P, N, G), original units."""
        ...
