"""Runs compiled epochs over a series: the host side of training, without files, stopping rules or reports."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jax import Array

from parallel.crew import agreed
from parallel.mesh import bytes_on_each, placed
from traffic.metrics.scores import shown_steps
from traffic.metrics.sums import METRICS, ErrorSums
from traffic.training.epoch import BatchErrors, Compiled, point
from traffic.training.errors import NonFiniteError
from traffic.training.optimiser import Parameters
from traffic.training.recipe import Recipe
from traffic.training.series import Series, on_device
from traffic.training.state import TrainState, empty
from traffic.windows.windows import WindowSize, input_rows

SEGMENT_SECONDS = 1.0
"""How long a compiled call may take, so that a stop and progress need not wait for an epoch."""

Hook = Callable[[int], bool]
"""Called with the finished steps of the epoch after each segment; True asks to stop here."""


@dataclass(frozen=True)
class EpochResult:
    """An epoch's end: the training loss, the mean norm of its gradients, its last rate, errors of the validation windows, and the mean
    absolute ones of the first target by horizon, none without validation."""

    loss: float
    norm: float
    rate: float
    validation: dict[str, float]
    by_horizon: tuple[float, ...] = ()


class Engine:
    """Compiled functions bound to a run's series on the device.

    Args:
        ends: rows of the last inputs of the training and validation windows, int32 each. sensor_ids: N names.
    """

    def __init__(self, recipe: Recipe, series: Series, train: np.ndarray, validation: np.ndarray, sensor_ids: tuple[str, ...]) -> None:
        self.recipe = recipe
        self.series: Series = placed(series, recipe.devices)
        self.functions = Compiled(recipe)
        self.sensor_ids = sensor_ids
        self._train = self._placed(np.array(train, np.int32))
        self._batches = self._placed(in_batches(validation, recipe.evaluation_rows))
        self._step_seconds = {"train": SEGMENT_SECONDS, "validation": SEGMENT_SECONDS}

    def train_epoch(self, state: TrainState, shrunk: float, hook: Hook) -> tuple[TrainState, bool]:
        """Train from the state's position to the end of its epoch. Returns the state and whether the epoch is complete.

        Raises NonFiniteError; what was before the step is in its `state`.
        """
        state = placed(state, self.recipe.devices)
        order = self.functions.order(state.key, state.life_epoch, self._train)
        steps, first = self.recipe.steps, int(state.position)
        while first < steps:
            last = min(steps, first + self._length("train"))
            begun = time.perf_counter()
            state = self.functions.segment(
                state, self.series, order, *map(self._placed, (np.float32(shrunk), np.int32(first), np.int32(last)))
            )
            broken = int(state.broken)
            self._timed("train", last - first, time.perf_counter() - begun)
            if broken >= 0:
                raise NonFiniteError(
                    int(state.epoch) + 1, broken + 1, "The loss or its gradient", self._culprit(state, np.asarray(order[broken]))
                )
            first = last
            if hook(first) and first < steps:
                return state, False
        return state, True

    def close_epoch(self, state: TrainState) -> tuple[TrainState, EpochResult]:
        """Validate and start the next epoch. Raises NonFiniteError if a validation loss is not finite."""
        losses, counts, norms, rate = (np.array(part) for part in (state.losses, state.counts, state.norms, state.rate))
        total, validation = self._validated(state.parameters)
        if validation and not np.isfinite(validation["loss"]):
            raise NonFiniteError(int(state.epoch) + 1, self.recipe.steps, "The validation loss")
        gathered = on_device(empty(self.recipe))
        after = replace(
            state,
            epoch=on_device(np.int32(int(state.epoch) + 1)),
            life_epoch=on_device(np.int32(int(state.life_epoch) + 1)),
            position=on_device(np.int32(0)),
            **{**gathered, "rate": state.rate},  # pyright: ignore[reportGeneralTypeIssues]
        )
        by_horizon = () if total is None else tuple(map(float, total.metric("mae")[:, 0]))
        return after, EpochResult(_mean(losses, counts), float(norms.mean(dtype=np.float64)), float(rate), validation, by_horizon)

    def validate(self, parameters: Parameters) -> dict[str, float]:
        """Loss and masked errors of the validation windows, empty without any: means over targets; over horizons by the metric's name,
        those of shown horizons as `masked_mae_h3`. NaN where nothing was measured."""
        return self._validated(parameters)[1]

    def _validated(self, parameters: Parameters) -> tuple[ErrorSums | None, dict[str, float]]:
        """Sums (P, G) of the validation windows' errors, None without any, and what `validate` says of them."""
        batches = len(self._batches)
        if not batches:
            return None, {}
        recipe = self.recipe
        zero = BatchErrors(
            losses=np.zeros((batches, recipe.targets), np.float32),  # pyright: ignore[reportArgumentType]
            counts=np.zeros((batches, recipe.targets), np.float32),  # pyright: ignore[reportArgumentType]
            errors=np.zeros((batches, 5, recipe.reading.horizon, recipe.targets), np.float32),  # pyright: ignore[reportArgumentType]
        )
        sums: BatchErrors = placed(on_device(zero), recipe.devices)  # pyright: ignore[reportAssignmentType]
        parameters = placed(parameters, recipe.devices)
        first = 0
        while first < batches:
            last = min(batches, first + self._length("validation"))
            begun = time.perf_counter()
            bounds = map(self._placed, (np.int32(first), np.int32(last)))
            sums = jax.block_until_ready(self.functions.errors(sums, parameters, self.series, self._batches, *bounds))
            self._timed("validation", last - first, time.perf_counter() - begun)
            first = last
        total = ErrorSums(*np.asarray(sums.errors, np.float64).sum(0))
        found = {"loss": _mean(np.asarray(sums.losses), np.asarray(sums.counts))}
        for name in METRICS:
            by_step = total.metric(name).mean(1)
            found[f"masked_{name}"] = float(by_step.mean())
            found |= {f"masked_{name}_h{step}": float(by_step[step - 1]) for step in shown_steps(len(by_step))}
        return total, found

    def predict(self, parameters: Parameters, ends: np.ndarray) -> np.ndarray:
        """Forecasts of windows in original units, float32 (W, P, N, G), with quantiles (W, P, N, G, K)."""
        parameters = placed(parameters, self.recipe.devices)
        parts = [np.zeros((0, *self.recipe.output_shape()), np.float32)]
        for batch in in_batches(ends, self.recipe.evaluation_rows):
            forecast = self.functions.predict(parameters, self.series, self._placed(batch))
            parts.append(np.asarray(forecast)[batch >= 0])
        return np.concatenate(parts)

    def bytes_held(self, state: TrainState) -> int:
        """Bytes that lie on each device from step to step: the state and the series."""
        return bytes_on_each((state, self.series))

    def _placed(self, value: Any) -> Array:
        return placed(jax.device_put(value), self.recipe.devices)

    def _length(self, kind: str) -> int:
        """Steps of the next segment."""
        return max(1, int(SEGMENT_SECONDS / self._step_seconds[kind]))

    def _timed(self, kind: str, steps: int, seconds: float) -> None:
        self._step_seconds[kind] = agreed(max(1e-6, seconds / steps))

    def _culprit(self, state: TrainState, ends: np.ndarray) -> str | None:
        """The detector whose inputs, targets or, if detectors are read apart, forecasts of a batch are not finite."""
        ends = ends[ends >= 0]
        size = WindowSize(self.recipe.reading.lookback, self.recipe.reading.horizon)
        inputs = np.asarray(self.series.inputs)[input_rows(ends, size)]
        broken = ~np.isfinite(inputs).all(axis=(0, 1, 3))
        if not broken.any() and self.recipe.reading.shared:
            forecast = point(self.predict(state.parameters, ends), self.recipe.quantiles)
            broken = ~np.isfinite(forecast).all(axis=(0, 1, 3))
        return None if not broken.any() or broken.all() else self.sensor_ids[int(np.flatnonzero(broken)[0])]


def in_batches(ends: np.ndarray, rows: int) -> np.ndarray:
    """Ends as int32 (batches, rows), -1 for padding."""
    count = -(-len(ends) // rows)
    padded = np.full(count * rows, -1, np.int32)
    padded[: len(ends)] = ends
    return padded.reshape(count, rows)


def _mean(losses: np.ndarray, counts: np.ndarray) -> float:
    """The loss over all steps or batches, as `mean_loss` has it for one."""
    sums, counts = (part.astype(np.float64).sum(0) for part in (losses, counts))
    return float(np.mean(sums / np.maximum(counts, 1.0)))
