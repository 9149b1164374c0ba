"""Bundles of runs that never were: real errors of two baselines and of a stand-in for a model, on small data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.traffic.making import made
from traffic.baselines.naive import HistoricalAverage, LastValue
from traffic.bundle import BundleFacts, TrafficBundle, WindowSet, stacked
from traffic.metrics.evaluate import evaluate
from traffic.windows.prepare import Prepared, prepare
from traffic.windows.splits import split
from traffic.windows.windows import WindowSize, target_rows

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Near:
    """Forecasts that are nearly what comes, worse the farther ahead."""

    name = "model"

    def __init__(self, prepared: Prepared, seed: int = 0) -> None:
        self._prepared = prepared
        self._seed = seed

    def forecast(self, ends: np.ndarray) -> np.ndarray:
        size = self._prepared.split.size
        truth = self._prepared.targets[target_rows(ends, size)]
        steps = np.arange(1, size.horizon + 1)[None, :, None, None]
        noise = np.sin(ends[:, None, None, None] * 0.7 + steps + np.arange(truth.shape[2])[:, None] + self._seed)
        return (truth + 0.4 * np.sqrt(steps) * noise).astype(np.float32)


def bundle(
    *, sensors: int = 4, days: int = 12, targets: int = 1, quantiles: bool = True, missing: float = 0.05, seed: int = 0, **changes: Any
) -> TrafficBundle:
    """A whole bundle; `changes` replace fields."""
    features = ("speed", "flow")[:targets]
    given: dict[str, Any] = {"units": ("km/h", "veh/h")[:targets]}
    data = made(288 * days, sensors, features, missing=missing, targets=features, **given)
    prepared = prepare(data, split(data, WindowSize(12, 12)))
    near = Near(prepared, seed)
    methods = [near, LastValue(prepared), HistoricalAverage(prepared)]
    evaluations = [evaluate(prepared, method, "test") for method in methods]
    size, ends = prepared.split.size, prepared.split.test
    first, last = int(ends[0]) - size.lookback + 1, int(ends[-1]) + size.horizon
    forecast = near.forecast(ends)
    ladder = np.array([-1.6, -0.7, 0, 0.7, 1.6]) if quantiles else np.zeros(0)
    truth = np.where(prepared.target_mask, prepared.targets, np.nan)[first : last + 1].astype(np.float32)
    places = np.stack([np.linspace(34.0, 34.1, sensors), np.linspace(-118.3, -118.2, sensors)], axis=1)
    near_by = np.array([[j for j in range(sensors) if j != i][:2] for i in range(sensors)], np.int32).reshape(sensors, -1)
    far = np.full(near_by.shape, 900.0, np.float32)
    far[-1] = np.nan
    epochs = np.arange(1, 4, dtype=np.int32)
    facts = BundleFacts(
        methods=tuple(one.name for one in evaluations), set="test", target_names=features, units=data.units, sensor_ids=data.sensor_ids,
        interval_s=300, protocol="strict", null=prepared.null, sets=(WindowSet("test", len(ends), int(data.timestamps[first]), int(data.timestamps[last])),),
        quantiles=QUANTILES if quantiles else (), calibrated=quantiles, nominal=0.9 if quantiles else None, epochs=3, best_epoch=2, seed=42 + seed,
    )  # fmt: skip
    stages = 2 if quantiles else 0
    made_up = TrafficBundle(
        facts=facts,
        **stacked(evaluations),
        timestamps=data.timestamps[first : last + 1],
        truth=truth,
        origins=(ends - first).astype(np.int32),
        forecast=forecast,
        quantile_forecast=(forecast[..., None] + ladder).astype(np.float32),
        coordinates=places,
        position_km=(0.6 * np.arange(sensors)).astype(np.float32),
        incident_start=data.timestamps[first + 40 : first + 41],
        incident_end=data.timestamps[first + 52 : first + 53],
        incident_km=np.array([0.7], np.float32),
        neighbours=near_by,
        neighbour_m=far,
        neighbour_weight=np.where(np.isnan(far), 0, 0.5).astype(np.float32),
        coverage=np.full((stages, 12), 0.9),
        width=np.full((stages, 12), 5.0),
        interval_score=np.full((stages, 12), 7.0),
        metric_names=np.array(["train/loss", "validation/loss"]),
        metric_epochs=epochs,
        metric_history=np.array([[3.0, 3.2], [2.0, 2.8], [1.5, 2.9]]),
    )
    return replace(made_up, **changes)
