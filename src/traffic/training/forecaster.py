"""A trained network as a forecaster of windows, beside the baselines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.bundle import MODEL
from traffic.intervals.calibration import Calibration
from traffic.training.engine import Engine
from traffic.training.epoch import point
from traffic.training.optimiser import Parameters


@dataclass(frozen=True)
class ModelForecaster:
    """A network with its weights.

    Attributes:
        engine: on the series that windows are of. parameters: the weights. calibration: of its quantiles, None where there are none or
            they stay as the network gives them. name: what it is called in tables.
    """

    engine: Engine
    parameters: Parameters
    calibration: Calibration | None = None
    name: str = MODEL

    def forecast(self, ends: np.ndarray) -> np.ndarray:
        """See `Forecaster`: the median of forecasts at quantiles."""
        return np.ascontiguousarray(point(self.engine.predict(self.parameters, ends), self.engine.recipe.quantiles))

    def quantiles(self, ends: np.ndarray) -> np.ndarray:
        """Forecasts at the quantiles in order, float32 (windows, P, N, G, K); K is 0 without."""
        found = self.engine.predict(self.parameters, ends)
        if not self.engine.recipe.quantiles:
            return np.zeros((*found.shape, 0), np.float32)
        return found if self.calibration is None else self.calibration.apply(found)
