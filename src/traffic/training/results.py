"""What is computed once at the end of a run: errors beside simple forecasts, intervals, what figures need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from traffic.baselines.every import baselines_of
from traffic.bundle import BundleFacts, TrafficBundle, WindowSet, stacked, windows_kept
from traffic.intervals.calibration import Calibration
from traffic.intervals.coverage import IntervalSums, interval_sums
from traffic.intervals.levels import intervals
from traffic.metrics.evaluate import Evaluation, evaluate
from traffic.training.calibrating import calibration_or_why
from traffic.training.engine import Engine
from traffic.training.forecaster import ModelForecaster
from traffic.training.network import neighbour_weights
from traffic.training.optimiser import Parameters
from traffic.training.record import RunRecord
from traffic.training.task import Task
from traffic.windows.splits import SETS
from traffic.windows.windows import spread, target_rows

CHUNK = 512
"""Windows at a time."""
LOOKED_AT = 256
"""Test windows over which the weights of neighbours are averaged."""


@dataclass(frozen=True)
class Intervals:
    """Intervals of the test windows.

    Attributes:
        before, after: sums of them as the network gives them, and as they are forecast: calibrated on the validation windows where that is
            possible, else the same. calibration: the corrections, None where they are not possible; then `why` says why.
        nominal: the share that the widest interval should cover.
    """

    before: IntervalSums
    after: IntervalSums
    calibration: Calibration | None
    nominal: float
    why: str = ""


@dataclass(frozen=True)
class Results:
    """A run's results: errors of the test windows, the model's first, then the baselines'; intervals, None without quantiles; the bundle."""

    evaluations: tuple[Evaluation, ...]
    intervals: Intervals | None
    bundle: TrafficBundle

    def of(self, name: str) -> Evaluation:
        """The errors of a method by its name."""
        return next(each for each in self.evaluations if each.name == name)


def results(task: Task, engine: Engine, parameters: Parameters, record: RunRecord) -> Results:
    """Evaluate the weights and the baselines on the same windows, and gather what figures need."""
    ready = task.prepared
    model = ModelForecaster(engine, parameters)
    found = _intervals(task, model) if engine.recipe.quantiles else None
    evaluations = tuple(evaluate(ready, each, "test") for each in (model, *baselines_of(ready)))
    calibrated = model if found is None else ModelForecaster(engine, parameters, found.calibration)
    return Results(evaluations, found, _bundle(task, calibrated, evaluations, found, record))


def _intervals(task: Task, model: ModelForecaster) -> Intervals:
    ready, quantiles = task.prepared, model.engine.recipe.quantiles
    size = ready.split.size
    calibration, why = calibration_or_why(ready, model.engine, model.parameters)
    sums: list[IntervalSums | None] = [None, None]
    for first in range(0, len(ready.split.test), CHUNK):
        ends = ready.split.test[first : first + CHUNK]
        rows, raw = target_rows(ends, size), model.quantiles(ends)
        for stage, forecast in enumerate((raw, raw if calibration is None else calibration.apply(raw))):
            part = interval_sums(forecast, ready.targets[rows], ready.target_mask[rows], quantiles)
            before = sums[stage]
            sums[stage] = part if before is None else before + part
    before, after = sums
    assert before is not None
    assert after is not None
    levels = intervals(quantiles)
    return Intervals(before, after, calibration, float(levels[0].level) if levels else float("nan"), why)


def _bundle(
    task: Task, model: ModelForecaster, evaluations: Sequence[Evaluation], found: Intervals | None, record: RunRecord
) -> TrafficBundle:  # fmt: skip
    ready, quantiles = task.prepared, model.engine.recipe.quantiles
    size, sensors, targets = ready.split.size, len(ready.sensor_ids), len(ready.target_names)
    kept = ready.split.test[-windows_kept(len(ready.split.test), size.horizon, sensors, targets, len(quantiles)) :]
    first, stop = max(0, int(kept[0]) - size.lookback + 1), int(kept[-1]) + size.horizon + 1
    levels = intervals(quantiles)
    names = sorted({name for metrics in record.metrics for name in metrics})
    history = [[_number(metrics.get(name)) for name in names] for metrics in record.metrics]
    stages = () if found is None or not levels else (found.before, found.after) if found.calibration else (found.before,)
    return TrafficBundle(
        facts=BundleFacts(
            methods=tuple(each.name for each in evaluations),
            set="test",
            target_names=ready.target_names,
            units=tuple(task.data.units[column] for column in ready.target_columns),
            sensor_ids=ready.sensor_ids,
            interval_s=ready.interval_s,
            protocol=ready.split.protocol,
            null=ready.null,
            sets=tuple(_window_set(task, name) for name in SETS),
            quantiles=quantiles,
            calibrated=found is not None and found.calibration is not None,
            nominal=float(levels[0].level) if levels else None,
            epochs=len(record.metrics),
            best_epoch=record.best_epoch,
            seed=task.training.seed,
            silent=ready.silent,
            trained_windows=model.engine.recipe.n_train,
            unseen_days=ready.unseen_days,
            uncalibrated="" if found is None else found.why,
            unvalidated=not ready.target_mask[ready.split.target_rows("val")].any(),
        ),
        **stacked(evaluations),
        timestamps=ready.timestamps[first:stop],
        truth=np.where(ready.target_mask[first:stop], ready.targets[first:stop], np.float32(np.nan)),
        origins=(kept - first).astype(np.int32),
        forecast=model.forecast(kept),
        quantile_forecast=model.quantiles(kept).astype(np.float32),
        coordinates=np.full((sensors, 2), np.nan) if task.data.coordinates is None else task.data.coordinates.astype(np.float64),
        **_road(task, int(ready.timestamps[first]), int(ready.timestamps[stop - 1])),
        **_neighbours(task, model),
        coverage=_stages([each.coverage for each in stages], size.horizon),
        width=_stages([each.mean_width for each in stages], size.horizon),
        interval_score=_stages([each.mean_score for each in stages], size.horizon),
        metric_names=np.array(names, dtype=np.str_),
        metric_epochs=np.arange(1, len(history) + 1, dtype=np.int32),
        metric_history=np.array(history, np.float64).reshape(len(history), len(names)),
    )


def _window_set(task: Task, name: str) -> WindowSet:
    ready = task.prepared
    ends = ready.split.ends(name)
    first, last = int(ends[0]) + 1, int(ends[-1]) + ready.split.size.horizon
    return WindowSet(name, len(ends), int(ready.timestamps[first]), int(ready.timestamps[last]))


def _road(task: Task, first: int, last: int) -> Mapping[str, Any]:
    """Where detectors lie along their road, and the incidents that reach into a time; as if there were none where no road is known."""
    road = task.data.road
    if road is None:
        nothing = np.zeros(0, np.int64)
        unknown = np.full(len(task.data.sensor_ids), np.nan, np.float32)
        return {"position_km": unknown, "incident_start": nothing, "incident_end": nothing, "incident_km": np.zeros(0, np.float32)}
    within = (road.incident_end > first) & (road.incident_start <= last)
    spans = {name: getattr(road, name)[within] for name in ("incident_start", "incident_end", "incident_km")}
    return {"position_km": road.km, **spans}


def _neighbours(task: Task, model: ModelForecaster) -> Mapping[str, Any]:
    """The neighbours that pooling reads, and how much it looks at them on average; empty without pooling."""
    known, sensors = task.shape.neighbours, len(task.data.sensor_ids)
    if known is None:
        return {
            "neighbours": np.zeros((sensors, 0), np.int32), "neighbour_m": np.zeros((sensors, 0), np.float32),
            "neighbour_weight": np.zeros((sensors, 0), np.float32),
        }  # fmt: skip
    looked = spread(task.prepared.split.test, LOOKED_AT)
    weights = neighbour_weights(task.architecture, task.shape, model.engine, model.parameters, looked)
    return {
        "neighbours": known.index, "neighbour_m": np.where(known.mask, known.distance, np.nan).astype(np.float32),
        "neighbour_weight": np.where(known.mask, weights, 0.0).astype(np.float32),
    }  # fmt: skip


def _stages(parts: Sequence[np.ndarray], horizon: int) -> np.ndarray:
    """The widest interval's values (intervals, P, G) by stage of calibration, targets averaged: (stages, P)."""
    return np.array([part[0].mean(-1) for part in parts]).reshape(len(parts), horizon)


def _number(value: float | None) -> float:
    return np.nan if value is None else value
