"""Small networks and data for tests."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import numpy as np
from jax import Array

from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture
from traffic.model.network import Parameters, bind, create
from traffic.shapes import shape_of

FLAT: dict[str, Any] = {"input_size": 6, "output_size": 3, "exog_size": 4, "num_sensors": 3, "prediction_length": 2}
"""Three detectors of two features and one target, joined."""
SHARED: dict[str, Any] = {
    "input_size": 2, "output_size": 1, "exog_size": 3, "num_sensors": 5, "shared_weights": True, "prediction_length": 3, "slots_per_day": 24,
    "sensor_embedding_dim": 4, "tod_embedding_dim": 3, "dow_embedding_dim": 2,
}  # fmt: skip


def lstm(**more: Any) -> LSTMArchitecture:
    return LSTMArchitecture(**{"hidden_size": 8, "num_layers": 2, **more})


def xlstm(**more: Any) -> XLSTMArchitecture:
    return XLSTMArchitecture(**{"embedding_dim": 16, "num_blocks": 3, "slstm_at": (1,), "num_heads": 2, **more})


def transformer(**more: Any) -> TransformerArchitecture:
    return TransformerArchitecture(**{"embedding_dim": 16, "num_layers": 2, "num_heads": 2, "ffn_dim": 24, **more})


KINDS = {"lstm": lstm, "xlstm": xlstm, "transformer": transformer}


def windows(
    architecture: AnyArchitecture, batch: int, length: int | None = None, seed: int = 0, dtype: Any = np.float32
) -> tuple[Any, ...]:
    """inputs, exog, tod, dow."""
    shape, generator = shape_of(architecture), np.random.default_rng(seed)
    steps = architecture.sequence_length if length is None else length
    inputs = generator.standard_normal((batch, steps, shape.sensors, shape.features)).astype(dtype)
    each = (shape.sensors,) if shape.shared else ()
    exog = generator.standard_normal((batch, steps, *each, shape.exog)).astype(dtype)
    tod = generator.integers(0, shape.slots_per_day, batch).astype(np.int32)
    return inputs, exog, tod, generator.integers(0, 7, batch).astype(np.int32)


def randomised(architecture: AnyArchitecture, seed: int = 1, deviation: float = 0.3, dtype: Any = np.float32) -> dict[str, Any]:
    """Parameters of which none is as it starts, so that no term is hidden by zeros."""
    generator = np.random.default_rng(seed)
    fresh = create(architecture, shape_of(architecture), seed=seed)
    return {
        name: (np.asarray(value, np.float64) + deviation * generator.standard_normal(value.shape)).astype(dtype)
        for name, value in sorted(fresh.items())
    }


@partial(jax.jit, static_argnums=0)
def forecast(architecture: AnyArchitecture, parameters: Parameters, data: tuple[Any, ...]) -> Array:
    """One forward pass, compiled once for windows of one shape."""
    return bind(architecture, shape_of(architecture), parameters)(*data)
