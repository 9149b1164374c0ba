"""A network that goes on step by step against the same network on the whole past."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.online.making import POOLING, task, weights
from traffic.errors import TrafficError
from traffic.model.network import bind
from traffic.online.network import Moment, OnlineNetwork
from traffic.training.series import Reading, exogenous
from traffic.training.task import Task

STEPFUL: list[tuple[str, dict[str, Any]]] = [
    ("lstm", {}),
    ("lstm", {"social_pooling": POOLING, "tod_embedding_dim": 3, "dow_embedding_dim": 2}),
    ("lstm", {"social_pooling": {**POOLING, "type": "distance"}}),
    ("xlstm", {"slstm_at": [1]}),
    ("xlstm", {"slstm_at": "all", "conv1d_kernel_size": 0}),
    ("xlstm", {"slstm_at": [], "social_pooling": POOLING, "quantiles": [0.1, 0.5, 0.9]}),
]


def named(each: tuple[str, dict[str, Any]]) -> str:
    return f"{each[0]}-{'-'.join(each[1])}"


def streamed(job: Task, parameters: Any, steps: int, seed: int = 0) -> tuple[list[np.ndarray], tuple[Any, ...]]:
    """Forecasts after each of `steps` steps, and the steps as a batch of one window: inputs, exog, tod, dow."""
    generator = np.random.default_rng(seed)
    reading = Reading(steps, job.architecture.prediction_length, job.shape.shared, job.use.mask_as_input)
    sensors, features = job.shape.sensors, job.shape.features
    network = OnlineNetwork(
        job.architecture, job.shape, reading=reading, impute="ffill", mean=np.zeros((sensors, features)), mode="stateful",  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    dtype = next(iter(parameters.values())).dtype
    x = generator.standard_normal((steps, sensors, features)).astype(dtype)
    time = generator.standard_normal((steps, 2 * len(job.use.time_features))).astype(dtype)
    tod, dow = np.arange(steps, dtype=np.int32) % 288, np.arange(steps, dtype=np.int32) // 3 % 7
    state, found = network.init_state(parameters, time.shape[1]), []
    observed = np.ones((sensors, features), bool)
    for number in range(steps):
        moment = Moment(
            time[number], tod[number : number + 1].reshape(()), dow[number : number + 1].reshape(()), np.zeros((sensors, features), dtype)
        )
        state, forecast = network.step(parameters, state, x[number], observed, moment)
        found.append(np.asarray(forecast))
    exog = exogenous(jnp.asarray(time)[None], jnp.ones((1, *x.shape), dtype), reading)
    return found, (jnp.asarray(x)[None], exog, tod, dow)


CASES = [
    *((each, True, 64, 1e-9) for each in STEPFUL),
    *((each, False, 64, 1e-5) for each in STEPFUL),
    *((STEPFUL[number], False, 512, 1e-4) for number in (1, 3)),
]
"""A network, whether in float64, steps, and how far results may differ, relative to the largest output."""


@pytest.mark.parametrize(
    ("each", "double", "steps", "bound"), CASES, ids=lambda each: named(each) if isinstance(each, tuple) else str(each)
)
def test_step_by_step_every_forecast_is_that_of_the_whole_past(
    tmp_path: Path, each: tuple[str, dict[str, Any]], double: bool, steps: int, bound: float
) -> None:
    kind, settings = each
    # beyond its context length the parallel form refuses, and the chunkwise one goes on
    long = {"mlstm_backend": "chunkwise", "chunk_size": 48} if kind == "xlstm" and steps > 256 else {}
    job = task(tmp_path, kind, **settings, **long)
    with jax.enable_x64(True) if double else nullcontext():
        parameters = {name: jnp.asarray(value, np.float64 if double else np.float32) for name, value in weights(job).items()}
        found, (inputs, exog, tod, dow) = streamed(job, parameters, steps)
        past = jax.jit(lambda values, *window: bind(job.architecture, job.shape, values)(*window)[0])  # pyright: ignore[reportArgumentType]
        for length in (1, 7, steps):
            last = slice(length - 1, length)
            whole = np.asarray(past(parameters, inputs[:, :length], exog[:, :length], tod[last], dow[last]))
            assert whole.dtype == (np.float64 if double else np.float32)
            assert np.abs(found[length - 1] - whole).max() <= bound * np.abs(whole).max()


def test_the_past_of_a_stateful_network_has_no_end_and_each_step_changes_what_follows(tmp_path: Path) -> None:
    job = task(tmp_path, "xlstm")
    parameters: Any = jax.device_put(weights(job))
    found, _ = streamed(job, parameters, 40)
    other, _ = streamed(job, parameters, 40, seed=1)
    assert all(not np.allclose(mine, theirs) for mine, theirs in zip(found, other, strict=True))
    assert all(not np.array_equal(mine, theirs) for mine, theirs in pairwise(found))


@pytest.mark.parametrize(("kind", "settings"), [("transformer", {}), ("lstm", {"bidirectional": True})])
def test_a_network_that_reads_whole_windows_refuses_to_carry_a_state_and_says_why(
    tmp_path: Path, kind: str, settings: dict[str, Any]
) -> None:
    job = task(tmp_path, kind, **settings)
    with pytest.raises(TrafficError, match="window") as caught:
        streamed(job, weights(job), 2)
    assert (caught.value.code, caught.value.key, caught.value.expected) == ("MODEL_ONLINE", "online.mode", "windowed")


def test_inputs_that_are_no_numbers_never_reach_the_network_where_they_were_not_measured(tmp_path: Path) -> None:
    job = task(tmp_path)
    for impute in ("ffill", "mean", "profile"):
        network = OnlineNetwork(
            job.architecture, job.shape, reading=Reading(6, 3, True, True), impute=impute, mean=np.full((4, 2), 0.5),  # pyright: ignore[reportArgumentType]
        )  # fmt: skip
        parameters: Any = jax.device_put(weights(job))
        state = network.init_state(parameters, 4)
        moment = Moment(np.zeros(4, np.float32), np.zeros((), np.int32), np.zeros((), np.int32), np.full((4, 2), -0.25, np.float32))
        values = [np.full((4, 2), 2.0, np.float32), np.full((4, 2), np.nan, np.float32)]
        state, _ = network.step(parameters, state, values[1], np.zeros((4, 2), bool), moment)
        state, _ = network.step(parameters, state, values[0], np.ones((4, 2), bool), moment)
        state, forecast = network.step(parameters, state, values[1], np.zeros((4, 2), bool), moment)
        before, after = (0.5, 2.0) if impute == "ffill" else (-0.25, -0.25)
        np.testing.assert_array_equal(state.past.inputs[-3:, 0, 0], [before, 2.0, after])
        np.testing.assert_array_equal(state.past.observed[-3:, 0, 0], [0, 1, 0])
        assert np.isfinite(forecast).all()
