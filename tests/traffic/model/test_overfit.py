"""Each network can learn a few windows by heart."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from tests.traffic.model.making import lstm, transformer, xlstm
from traffic.kinds import AnyArchitecture
from traffic.model.network import bind, create
from traffic.shapes import shape_of

WINDOWS, STEPS, RATE, NOISE = 64, 300, 1e-2, 0.03
MORE: dict[str, Any] = {"input_size": 1, "output_size": 1, "prediction_length": 3, "head": "mlp"}


@pytest.mark.parametrize(
    "architecture",
    [
        lstm(hidden_size=32, num_layers=1, **MORE),
        xlstm(embedding_dim=32, num_blocks=2, **MORE),
        transformer(embedding_dim=32, ffn_dim=64, **MORE),
    ],
    ids=["lstm", "xlstm", "transformer"],
)
def test_64_windows_are_learned_by_heart_within_300_steps(architecture: AnyArchitecture) -> None:
    generator = np.random.default_rng(0)
    rows = np.arange(WINDOWS + 15)
    series = np.sin(rows / 3) + 0.5 * np.sin(rows / 1.3) + NOISE * generator.standard_normal(len(rows))
    series = ((series - series.mean()) / series.std()).astype(np.float32)
    inputs: Any = np.stack([series[w : w + 12] for w in range(WINDOWS)])[:, :, None, None]
    targets = np.stack([series[w + 12 : w + 15] for w in range(WINDOWS)])[:, :, None, None]
    exog: Any = np.zeros((WINDOWS, 12, 0), np.float32)
    ids: Any = np.zeros(WINDOWS, np.int32)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(optax.cosine_decay_schedule(RATE, STEPS)))

    def loss(parameters: Any) -> Any:
        return jnp.mean(jnp.abs(bind(architecture, shape_of(architecture), parameters)(inputs, exog, ids, ids) - targets))

    def step(carry: Any, _: Any) -> Any:
        parameters, state = carry
        value, gradient = jax.value_and_grad(loss)(parameters)
        updates, state = optimizer.update(gradient, state)
        return (optax.apply_updates(parameters, updates), state), value

    @jax.jit
    def learned(parameters: Any) -> Any:
        (parameters, _), values = jax.lax.scan(step, (parameters, optimizer.init(parameters)), length=STEPS)
        return values[0], loss(parameters)

    before, after = learned(create(architecture, shape_of(architecture), seed=0))
    assert float(before) > 0.5
    assert float(after) < 0.05
