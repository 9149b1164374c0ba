"""Optimisers against their formulas in NumPy, schedules against their values."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.training.standin import settings
from traffic.training.optimiser import clipped, decays, direction, learning_rate

STEPS = 10


def rate(training, step: int, shrunk: float = 1.0) -> float:
    epoch, within = divmod(step, STEPS)
    return float(learning_rate(training, epoch=jnp.int32(epoch), step=jnp.int32(within), steps=STEPS, shrunk=jnp.float32(shrunk)))


def test_a_cosine_ends_at_the_least_rate_and_has_the_mean_in_the_middle() -> None:
    training = settings(epochs=5, optimizer={"learning_rate": 1e-2}, schedule={"name": "cosine", "min_lr": 1e-4})
    assert rate(training, 0) == pytest.approx(1e-2)
    assert rate(training, 5 * STEPS - 1) == pytest.approx(1e-4, rel=1e-3)
    share = 20 / (5 * STEPS - 1)
    assert rate(training, 20) == pytest.approx(1e-4 + (1e-2 - 1e-4) * 0.5 * (1 + math.cos(math.pi * share)), rel=1e-4)


def test_steps_multiply_after_so_many_epochs_and_stop_at_the_least_rate() -> None:
    training = settings(
        epochs=50, optimizer={"learning_rate": 1e-2}, schedule={"name": "step", "factor": 0.1, "patience": 3, "min_lr": 2e-4}
    )
    assert [rate(training, epoch * STEPS) for epoch in (0, 2, 3, 5, 6)] == pytest.approx([1e-2, 1e-2, 1e-3, 1e-3, 2e-4])


def test_a_plateau_shrinks_the_rate_and_a_constant_schedule_does_not() -> None:
    plateau = settings(optimizer={"learning_rate": 1e-2}, schedule={"name": "plateau", "min_lr": 1e-3})
    assert [rate(plateau, 7, shrunk) for shrunk in (1.0, 0.5, 0.01)] == pytest.approx([1e-2, 5e-3, 1e-3])
    constant = settings(optimizer={"learning_rate": 1e-2}, schedule={"name": "constant"})
    assert rate(constant, 7, 0.5) == pytest.approx(1e-2)


@pytest.mark.parametrize("name", ["constant", "cosine", "step", "plateau"])
def test_warm_up_rises_from_one_share_of_the_rate_to_all_of_it(name: str) -> None:
    warm = settings(epochs=50, schedule={"name": name, "warmup_steps": 4})
    plain = settings(epochs=50, schedule={"name": name})
    shares = [rate(warm, step) / rate(plain, step) for step in range(6)]
    assert shares == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0, 1.0])


def test_weight_decay_acts_on_matrices_alone() -> None:
    parameters = {
        "encoder.layers.0.input.kernel": (4, 4), "blocks.0.slstm.recurrent": (2, 4, 4), "encoder.layers.0.input.bias": (4,),
        "embeddings.sensors": (5, 4), "blocks.0.conv.kernel": (4, 4), "blocks.0.norm.scale": (4,), "conv.kernel": (4, 4),
    }  # fmt: skip
    found = {name for name, shape in parameters.items() if decays(name, jnp.zeros(shape))}
    assert found == {"encoder.layers.0.input.kernel", "blocks.0.slstm.recurrent"}


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_three_steps_follow_the_published_formulas(name: str) -> None:
    training = settings(optimizer={"name": name, "weight_decay": 0.1, "betas": [0.8, 0.95], "eps": 1e-6, "momentum": 0.7})
    generator = np.random.default_rng(0)
    value = generator.normal(size=(3, 2))
    gradients = generator.normal(size=(3, 3, 2))
    chain = direction(training)
    parameters = {"a.kernel": jnp.asarray(value, jnp.float32)}
    state = chain.init(parameters)
    first, second, velocity = np.zeros_like(value), np.zeros_like(value), np.zeros_like(value)
    for step, gradient in enumerate(gradients, start=1):
        found, state = chain.update({"a.kernel": jnp.asarray(gradient, jnp.float32)}, state, parameters)
        moves: Any = found
        if name == "sgd":
            velocity = 0.7 * velocity + gradient + 0.1 * value
            move = velocity
        else:
            first, second = 0.8 * first + 0.2 * gradient, 0.95 * second + 0.05 * gradient**2
            move = (first / (1 - 0.8**step)) / (np.sqrt(second / (1 - 0.95**step)) + 1e-6)
            move = move + (0.1 * value if name == "adamw" else 0)
        assert np.allclose(moves["a.kernel"], move, rtol=1e-4)
        value = value - 0.05 * move
        parameters = {"a.kernel": parameters["a.kernel"] - 0.05 * moves["a.kernel"]}
        assert np.allclose(parameters["a.kernel"], value, rtol=1e-4)


def test_gradients_are_clipped_by_their_norm_over_all_entries() -> None:
    gradients = {"a": jnp.array([3.0, 0.0]), "b": jnp.array([[4.0]])}
    half = clipped(gradients, jnp.float32(5.0), 2.5)
    assert np.allclose(half["a"], [1.5, 0])
    assert np.allclose(half["b"], [[2.0]])
    assert clipped(gradients, jnp.float32(5.0), None) is gradients
    assert np.array_equal(clipped(gradients, jnp.float32(5.0), 50.0)["a"], gradients["a"])
    assert np.array_equal(clipped({"a": jnp.zeros(2)}, jnp.float32(0.0), 1.0)["a"], np.zeros(2))
