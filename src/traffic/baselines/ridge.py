"""One linear map for each horizon and target, shared by all detectors, from the last values' deviations from what is usual."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from traffic.baselines.naive import usual
from traffic.windows.prepare import Prepared
from traffic.windows.windows import WindowSize, input_rows, target_rows

LAGS = 12
PENALTY = 1.0
CHUNK = 1024
"""Windows at a time."""


@dataclass(frozen=True)
class Ridge:
    """A fitted map (Hoerl and Kennard 1970).

    Attributes:
        prepared: the series. weights: float64 (P, G, lags + 1), the intercept last.
    """

    prepared: Prepared
    weights: np.ndarray
    name: str = "ridge"

    def forecast(self, ends: np.ndarray) -> np.ndarray:
        """See `Forecaster`."""
        parts = [self._forecast(chunk) for chunk in _chunks(ends)]
        return np.concatenate(parts)

    def _forecast(self, ends: np.ndarray) -> np.ndarray:
        inputs = _inputs(self.prepared, ends)
        deviations = np.einsum("wlng,pgl->wpng", inputs, self.weights[..., :-1]) + self.weights[..., -1][None, :, None]
        return (deviations * self.prepared.target_sd + usual(self.prepared, ends, by_week=False)).astype(np.float32)


def fit_ridge(prepared: Prepared, *, penalty: float = PENALTY) -> Ridge:
    """Least squares over training windows and detectors whose target was measured; the penalty leaves the intercept alone."""
    size, lags = prepared.split.size, _lags(prepared)
    shape = (size.horizon, len(prepared.target_names))
    gram, moment = np.zeros((*shape, lags + 1, lags + 1)), np.zeros((*shape, lags + 1))
    for ends in _chunks(prepared.split.train):
        inputs = _inputs(prepared, ends)
        rows = target_rows(ends, size)
        measured = prepared.target_mask[rows]
        deviations = (prepared.targets[rows] - usual(prepared, ends, by_week=False)) / prepared.target_sd
        targets = np.where(measured, deviations, 0.0)
        for target in range(shape[1]):
            x = np.ones((len(ends) * inputs.shape[2], lags + 1))
            x[:, :-1] = inputs[..., target].transpose(0, 2, 1).reshape(-1, lags)
            moment[:, target] += targets[..., target].transpose(1, 0, 2).reshape(shape[0], -1) @ x
            gram[:, target] += _grams(x, measured[..., target].transpose(1, 0, 2).reshape(shape[0], -1))
    shrink = penalty * np.diag(np.append(np.ones(lags), 0.0))
    # without any measured target the map is zero: the forecast is what is usual
    weights = np.stack(
        [[np.linalg.lstsq(g + shrink, m, rcond=None)[0] for g, m in zip(*row, strict=True)] for row in zip(gram, moment, strict=True)]
    )
    return Ridge(prepared, weights)


def _grams(x: np.ndarray, used: np.ndarray) -> np.ndarray:
    """x'x of the used rows of x (rows, k) for each row of `used`, bool (P, rows). Sums over the fewer rows: most are used, or few."""
    whole = x.T @ x
    sparse = used.mean(1) < 0.5
    parts = [x[rows if few else ~rows] for rows, few in zip(used, sparse, strict=True)]
    return np.stack([part.T @ part if few else whole - part.T @ part for part, few in zip(parts, sparse, strict=True)])


def _lags(prepared: Prepared) -> int:
    return min(LAGS, prepared.split.size.lookback)


def _inputs(prepared: Prepared, ends: np.ndarray) -> np.ndarray:
    """Deviations of the last values, oldest first, in training standard deviations: float64 (windows, lags, N, G)."""
    rows = input_rows(ends, WindowSize(_lags(prepared), 1))
    first, stop = int(rows.min()), int(rows.max()) + 1
    profile = prepared.profile.by_day(prepared.timestamps[first:stop])[..., list(prepared.target_columns)]
    return ((prepared.filled[first:stop] - profile) / prepared.target_sd)[rows - first]


def _chunks(ends: np.ndarray) -> Iterator[np.ndarray]:
    return (ends[first : first + CHUNK] for first in range(0, len(ends), CHUNK))
