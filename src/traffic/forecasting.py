"""Forecasts of a trained model on a whole series at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np

from traffic.data.contract import TrafficData
from traffic.errors import Place, TrafficError
from traffic.intervals.levels import point
from traffic.trained import Trained
from traffic.training.engine import in_batches
from traffic.training.network import forward_of
from traffic.training.recipe import rows_at_once
from traffic.training.series import Reading, Series, gather, on_device
from traffic.windows.imputation import imputed
from traffic.windows.time_features import day_of_week, encodings, slot_of_day


@dataclass(frozen=True)
class Forecast:
    """Forecasts of W windows.

    Attributes:
        origins: int64 (W,), time of the last input of each. times: int64 (W, P), what is forecast. Seconds of the detectors' clock.
        values: float32 (W, P, N, G), in the targets' units. quantiles: float32 (W, P, N, G, K), calibrated if the model is; None
            without.
        levels: K quantiles. sensor_ids: N detectors. target_names, units: G.
    """

    origins: np.ndarray
    times: np.ndarray
    values: np.ndarray
    quantiles: np.ndarray | None
    levels: tuple[float, ...]
    sensor_ids: tuple[str, ...]
    target_names: tuple[str, ...]
    units: tuple[str, ...]


class SeriesForecaster:
    """A model's compiled forecast of windows, for one series after another."""

    def __init__(self, trained: Trained) -> None:
        self.trained = trained
        self._reading = Reading(trained.lookback, trained.horizon, trained.shape.shared, trained.use.mask_as_input)
        forward = forward_of(trained.architecture, trained.shape)
        self._forward = jax.jit(lambda parameters, series, ends: forward(parameters, gather(series, ends, self._reading), None))
        self._parameters = jax.device_put(dict(trained.parameters))

    def forecast(self, data: TrafficData, rows: Sequence[int] | np.ndarray | None = None) -> Forecast:
        """Forecasts from rows of data, each of which is the last input of its window; from the last row by default.

        Args:
            data: as it was read, with the model's detectors and features; others do not matter. rows: from L - 1 on.

        Raises:
            TrafficError: DATA_TOO_SHORT for a row with too few before it, or one that is not there; what `Trained.selected` raises.
        """
        chosen = self.trained.selected(data)
        ends = np.array([len(chosen.timestamps) - 1] if rows is None else rows, np.int64)
        self._require(ends, len(chosen.timestamps))
        raw = self.raw(chosen, ends)
        trained, quantiles = self.trained, self.trained.quantiles
        calibrated = raw if trained.calibration is None else trained.calibration.apply(raw)
        origins = chosen.timestamps[ends]
        return Forecast(
            origins=origins,
            times=origins[:, None] + trained.interval_s * np.arange(1, trained.horizon + 1, dtype=np.int64),
            values=np.ascontiguousarray(point(raw, quantiles)) if quantiles else raw,
            quantiles=calibrated if quantiles else None,
            levels=quantiles,
            sensor_ids=trained.sensor_ids,
            target_names=trained.target_names,
            units=tuple(trained.units[column] for column in trained.target_columns),
        )

    def raw(self, chosen: TrafficData, ends: np.ndarray) -> np.ndarray:
        """What the network says of windows of chosen data, before calibration: (W, P, N, G), with quantiles (W, P, N, G, K)."""
        series = self._series(chosen)
        sequences = len(self.trained.sensor_ids) if self.trained.use.share_weights_across_vds else 1
        # powers of two, so that few sizes are compiled
        size = min(rows_at_once(sequences), 1 << (len(ends) - 1).bit_length())
        parts = []
        for batch in in_batches(ends, size):
            output = self._forward(self._parameters, series, jax.device_put(batch))
            parts.append(np.asarray(output)[batch >= 0])
        return self.trained.original(np.concatenate(parts))

    def _require(self, ends: np.ndarray, rows: int) -> None:
        first = self.trained.lookback - 1
        wrong = ends[(ends < first) | (ends >= rows)]
        if len(wrong) or not len(ends):
            what = f"Row {int(wrong[0])} is none of them" if len(wrong) else "No row was named"
            raise TrafficError(
                "DATA_TOO_SHORT", f"Forecasts can be made from rows {first} to {rows - 1}. {what}.",
                hint=f"Give a row with {self.trained.lookback} steps up to it.", at=Place(key="rows"), expected=(first, rows - 1),
                found=tuple(int(end) for end in wrong[:5]),
            )  # fmt: skip

    def _series(self, chosen: TrafficData) -> Series:
        trained, values = self.trained, chosen.values
        rows, sensors, _ = values.shape
        columns = len(trained.target_names)
        nothing = np.zeros((rows, sensors, columns), np.float32)
        arrays = Series(
            inputs=trained.scaler.transform(imputed(values, chosen.timestamps, trained.profile, trained.use.impute)),  # pyright: ignore[reportArgumentType]
            observed=~np.isnan(values),  # pyright: ignore[reportArgumentType]
            time=encodings(chosen.timestamps, trained.use.time_features),  # pyright: ignore[reportArgumentType]
            slot=slot_of_day(chosen.timestamps, trained.interval_s).astype(np.int32),  # pyright: ignore[reportArgumentType]
            day=day_of_week(chosen.timestamps).astype(np.int32),  # pyright: ignore[reportArgumentType]
            targets=nothing,  # pyright: ignore[reportArgumentType]
            measured=nothing > 0,  # pyright: ignore[reportArgumentType]
            offset=np.zeros((1, columns), np.float32),  # pyright: ignore[reportArgumentType]
            scale=np.ones((1, columns), np.float32),  # pyright: ignore[reportArgumentType]
            deviation=np.ones(columns, np.float32),  # pyright: ignore[reportArgumentType]
        )
        return on_device(arrays)  # pyright: ignore[reportReturnType]
