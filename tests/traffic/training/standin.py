"""A small network of the agreed signature, and engines around it, for tests of training alone."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.traffic.making import made
from traffic.config_training import Training
from traffic.data.contract import TrafficData
from traffic.training.engine import Engine
from traffic.training.recipe import Recipe
from traffic.training.series import Reading, series_of
from traffic.training.state import TrainState, fresh_state
from traffic.windows.prepare import Prepared, prepare
from traffic.windows.splits import split
from traffic.windows.windows import WindowSize

WIDTH = 8


def settings(**values: Any) -> Training:
    """A training section; nested parts as mappings."""
    return Training.model_validate({"epochs": 3, "batch_size": 16, **values})


def wavy(steps: int = 400, sensors: int = 3, *, missing: float = 0.1, **others: Any) -> TrafficData:
    """Data with something to learn: waves of detectors, apart in phase."""
    data = made(steps, sensors, missing=missing, **others)
    wave = 50 + 10 * np.sin(np.arange(steps)[:, None, None] / 9 + np.arange(sensors)[:, None]).astype(np.float32)
    noise = 0.05 * (data.values - 60)
    values = np.where(np.isnan(data.values), np.float32(np.nan), wave + noise).astype(np.float32)
    return TrafficData(**{**vars(data), "values": values})


def prepared_of(data: TrafficData, lookback: int = 4, horizon: int = 3, **values: Any) -> Prepared:
    """Data made ready."""
    return prepare(data, split(data, WindowSize(lookback, horizon)), **values)


def engine_of(
    prepared: Prepared, training: Training, *, shared: bool = True, quantiles: tuple[float, ...] = (), dropout: float = 0.2, seed: int | None = None
) -> tuple[Engine, TrainState]:  # fmt: skip
    """An engine and a fresh state."""
    size, sensors = prepared.split.size, len(prepared.sensor_ids)
    features, targets = prepared.inputs.shape[2], len(prepared.target_names)
    width = 1 if shared else sensors
    read = size.lookback * (features * width + 4 + features * width)
    gives = size.horizon * width * targets * max(1, len(quantiles))
    generator = np.random.default_rng(training.seed if seed is None else seed)
    parameters = {
        "first.kernel": generator.normal(0, read**-0.5, (read, WIDTH)).astype(np.float32),
        "first.bias": np.zeros(WIDTH, np.float32),
        "last.kernel": generator.normal(0, WIDTH**-0.5, (WIDTH, gives)).astype(np.float32),
        "last.bias": np.zeros(gives, np.float32),
        "embeddings.hour": generator.normal(0, 0.1, (24, WIDTH)).astype(np.float32),
    }

    def forward(parameters: Any, windows: Any, key: Any) -> Any:
        x, exog = windows.inputs, windows.exog
        batch, lookback = x.shape[:2]
        if shared:
            read = jnp.concatenate([x, exog], -1).transpose(0, 2, 1, 3).reshape(batch, sensors, -1)
        else:
            read = jnp.concatenate([x.reshape(batch, lookback, -1), exog], -1).reshape(batch, 1, -1)
        hidden = jax.nn.relu(read @ parameters["first.kernel"] + parameters["first.bias"])
        hidden = hidden + parameters["embeddings.hour"][windows.tod // 12][:, None]
        if key is not None and dropout:
            hidden = jnp.where(jax.random.bernoulli(key, 1 - dropout, hidden.shape), hidden / (1 - dropout), 0)
        out = hidden @ parameters["last.kernel"] + parameters["last.bias"]
        shape = (batch, hidden.shape[1], size.horizon, width, targets, *((len(quantiles),) if quantiles else ()))
        out = out.reshape(shape)
        return out[:, :, :, 0].swapaxes(1, 2) if shared else out[:, 0]

    recipe = Recipe(
        forward=forward,
        shapes={name: value.shape for name, value in parameters.items()},
        settings=training,
        reading=Reading(size.lookback, size.horizon, shared, True),
        sensors=sensors,
        targets=targets,
        quantiles=quantiles,
        n_train=len(prepared.split.train),
        n_validation=len(prepared.split.val),
    )
    engine = Engine(recipe, series_of(prepared, ("tod", "dow")), prepared.split.train, prepared.split.val, prepared.sensor_ids)
    return engine, fresh_state(recipe, parameters)  # pyright: ignore[reportArgumentType]
