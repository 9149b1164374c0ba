"""How fast this machine trains forecasting networks, measured once by an idle worker, so that a page can estimate seconds per epoch.

Small recurrent networks reach a hundredth of the operations a second of large matrix products, so each kind is measured itself.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from traffic.data.contract import Source, TrafficData

STEPS, SENSORS, INTERVAL_S = 600, 8, 300
REPEATS = 3


def lstm_rate() -> float:
    """Floating point operations a second of a small LSTM's epochs."""
    return _rate("lstm", {"hidden_size": 32, "num_layers": 1, "head": "mlp"})


def xlstm_rate() -> float:
    """The same of a small xLSTM with a block of each kind, of which the scalar one goes step by step."""
    return _rate("xlstm", {"embedding_dim": 32, "num_blocks": 2, "slstm_at": [1], "head": "mlp"})


def transformer_rate() -> float:
    """The same of a small Transformer."""
    return _rate("transformer", {"embedding_dim": 32, "num_layers": 2, "ffn_dim": 64, "head": "mlp"})


def _rate(model_type: str, network: Mapping[str, Any]) -> float:
    """The median of a few compiled epochs."""
    # The framework is imported by the worker that measures, and by nobody who only knows of this function.
    from traffic.counting import operations_per_epoch
    from traffic.training.script import make_task
    from traffic.training.trainer import engine_of, start

    generator = np.random.default_rng(0)
    values = generator.normal(60, 10, (STEPS, SENSORS, 1)).astype(np.float32)
    ids = tuple(f"s{number}" for number in range(SENSORS))
    data = TrafficData(values, INTERVAL_S * np.arange(STEPS, dtype=np.int64), ids, None, ("speed",), ("km/h",), Source("made"), INTERVAL_S)
    with tempfile.TemporaryDirectory() as folder:
        task = make_task(data, model_type, folder=Path(folder), architecture=network, use={"share_weights_across_vds": True})
    engine, seconds = engine_of(task), []
    state = start(task, engine)
    for _ in range(1 + REPEATS):
        begun = time.perf_counter()
        state, _ = engine.train_epoch(state, 1.0, lambda steps: False)
        seconds.append(time.perf_counter() - begun)
        state, _ = engine.close_epoch(state)
    return operations_per_epoch(task.resolved, engine.recipe.n_train) / median(seconds[1:])
