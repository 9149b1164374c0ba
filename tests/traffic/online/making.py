"""Models with random weights, and data for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.traffic.making import made
from traffic.data.contract import TrafficData
from traffic.intervals.calibration import Calibration
from traffic.model.network import create
from traffic.trained import Trained, trained_by
from traffic.training.network import forward_of
from traffic.training.script import make_task
from traffic.training.series import Reading, gather, series_of
from traffic.training.task import Task

SMALL: dict[str, dict[str, Any]] = {
    "lstm": {"hidden_size": 8, "num_layers": 2},
    "xlstm": {"embedding_dim": 8, "num_blocks": 2, "slstm_at": [1], "num_heads": 2, "qkv_proj_blocksize": 4},
    "transformer": {"embedding_dim": 8, "num_layers": 1, "num_heads": 2, "ffn_dim": 16},
}
LOOKBACK, HORIZON = 6, 3
PLACES = np.array([[34.0, -118.0], [34.0, -118.01], [34.01, -118.0], [35.0, -118.0]])
"""Three detectors within two kilometres and one alone."""
POOLING = {"enabled": True, "heads": 2, "time_window": 4, "knn_k": 2}


def data(steps: int = 200, *, missing: float = 0.1, **others: Any) -> TrafficData:
    return made(steps, 4, ("speed", "flow"), missing=missing, coordinates=PLACES, **others)


def task(
    folder: Path, kind: str = "lstm", *, use: dict[str, Any] | None = None, series: TrafficData | None = None, **architecture: Any
) -> Task:
    """A task of a small network: shared weights, two features, speed alone forecast."""
    used = {"share_weights_across_vds": True, "targets": ["speed"], "window": {"sequence_length": LOOKBACK, "prediction_length": HORIZON}}
    return make_task(
        data() if series is None else series, kind, folder=folder, use={**used, **(use or {})}, architecture={**SMALL[kind], **architecture}
    )


def weights(job: Task, seed: int = 0) -> dict[str, Any]:
    """Random weights that hide no term."""
    generator = np.random.default_rng(seed)
    start = create(job.architecture, job.shape, seed=seed)  # pyright: ignore[reportArgumentType]
    return {
        name: np.asarray(value) + 0.2 * generator.standard_normal(value.shape).astype(np.float32) for name, value in sorted(start.items())
    }


def trained(job: Task, *, calibration: Calibration | None = None) -> Trained:
    return trained_by(job, weights(job), calibration)


def batch_forecast(job: Task, model: Trained, ends: np.ndarray) -> np.ndarray:
    """Forecasts of windows by row of their last input, as training makes them, in original units."""
    reading = Reading(LOOKBACK, HORIZON, job.shape.shared, job.use.mask_as_input)
    forward = jax.jit(forward_of(job.architecture, job.shape), static_argnums=2)
    windows = gather(series_of(job.prepared, job.use.time_features), jnp.asarray(ends, jnp.int32), reading)
    return model.original(np.asarray(forward(jax.device_put(dict(model.parameters)), windows, None)))
