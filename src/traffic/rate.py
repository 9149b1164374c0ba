"""How fast this machine trains forecasting networks, measured once by an idle worker, so that a page can estimate seconds per epoch."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from traffic.data.contract import Source, TrafficData

STEPS, SENSORS, INTERVAL_S = 600, 8, 300
REPEATS = 3
NETWORK = {"hidden_size": 32, "num_layers": 1, "head": "mlp"}


def training_rate() -> float:
    """Floating point operations a second of a small LSTM's epochs, compiled: the median of a few."""
    # The framework is imported by the worker that measures, and by nobody who only knows of this function.
    from traffic.counting import operations_per_epoch
    from traffic.training.script import make_task
    from traffic.training.trainer import engine_of, start

    generator = np.random.default_rng(0)
    values = generator.normal(60, 10, (STEPS, SENSORS, 1)).astype(np.float32)
    ids = tuple(f"s{number}" for number in range(SENSORS))
    data = TrafficData(values, INTERVAL_S * np.arange(STEPS, dtype=np.int64), ids, None, ("speed",), ("km/h",), Source("made"), INTERVAL_S)
    with tempfile.TemporaryDirectory() as folder:
        task = make_task(data, "lstm", folder=Path(folder), architecture=NETWORK, use={"share_weights_across_vds": True})
    engine, seconds = engine_of(task), []
    state = start(task, engine)
    for _ in range(1 + REPEATS):
        begun = time.perf_counter()
        state, _ = engine.train_epoch(state, 1.0, lambda steps: False)
        seconds.append(time.perf_counter() - begun)
        state, _ = engine.close_epoch(state)
    return operations_per_epoch(task.resolved, engine.recipe.n_train) / median(seconds[1:])
