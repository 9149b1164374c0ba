"""What holds for every kind of network."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.model.making import FLAT, KINDS, SHARED, forecast, lstm, randomised, transformer, windows, xlstm
from traffic.config_social import SocialPooling
from traffic.config_xlstm import XLSTMArchitecture
from traffic.counting import operations_per_epoch, parameter_count
from traffic.errors import TrafficError
from traffic.kinds import AnyArchitecture
from traffic.model.dropout import Dropout, Rates, rates_of
from traffic.model.encoder import NoStepsError
from traffic.model.network import Network, abstract_parameters, bind, build, code_of, create, parameters_of
from traffic.neighbours import Neighbours
from traffic.parameter_shapes import parameter_shapes
from traffic.shapes import DataShape, shape_of
from workbench.fields import ConfigError, flat_values

QUANTILES = (0.1, 0.5, 0.9)


def run(architecture: AnyArchitecture, seed: int = 0, batch: int = 2, dropout: int | None = None) -> np.ndarray:
    """A forecast with fresh parameters."""
    network, data = build(architecture, shape_of(architecture), seed=seed), windows(architecture, batch)
    noise = None if dropout is None else (jax.random.key(dropout), rates_of(architecture))
    return np.asarray(_forward(network, data, noise))


@jax.jit
def _forward(network: Network, data: tuple[Any, ...], noise: tuple[jax.Array, Rates] | None = None) -> jax.Array:
    """A forward pass. Step by step, each operation would be a program of its own and compiled for itself."""
    return network(*data, dropout=None if noise is None else Dropout(*noise))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("layout", "shape"), [(FLAT, (2, 2, 3, 1)), (SHARED, (2, 3, 5, 1)), ({"prediction_length": 4}, (2, 4, 1, 3))])
@pytest.mark.parametrize("quantiles", [(), QUANTILES])
def test_a_forecast_has_all_steps_detectors_targets_and_quantiles(kind: str, layout: dict[str, Any], shape: Any, quantiles: Any) -> None:
    found = run(KINDS[kind](quantiles=quantiles, **layout))
    assert found.shape == (*shape, *([3] if quantiles else []))
    assert found.dtype == np.float32
    assert len({round(float(step), 6) for step in found[0, :, 0, 0].reshape(-1)}) == found[0, :, 0, 0].size


def _loss(architecture: AnyArchitecture, parameters: Any, data: tuple[Any, ...]) -> tuple[float, dict[str, np.ndarray]]:
    value, gradient = _value_and_gradient(architecture, parameters, data)
    return float(value), jax.device_get(gradient)


@partial(jax.jit, static_argnums=0)
def _value_and_gradient(architecture: AnyArchitecture, parameters: Any, data: Any) -> Any:
    target = jax.random.normal(jax.random.key(5), ())
    return jax.value_and_grad(lambda p: jnp.mean(jnp.abs(bind(architecture, shape_of(architecture), p)(*data) - target)))(parameters)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", [FLAT, SHARED])
def test_every_parameter_learns(kind: str, layout: dict[str, Any]) -> None:
    architecture = KINDS[kind](**layout)
    # as many windows as there are slots of the day, so that each embedding is seen
    inputs, exog, tod, dow = windows(architecture, 48)
    tod, dow = np.arange(48, dtype=np.int32) % architecture.slots_per_day, np.arange(48, dtype=np.int32) % 7
    _, gradient = _loss(architecture, randomised(architecture), (inputs, exog, tod, dow))
    assert gradient.keys() == abstract_parameters(architecture, shape_of(architecture)).keys()
    silent = [name for name, g in gradient.items() if not np.abs(g).max() > 0]
    assert silent == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_losses_and_gradients_are_finite_at_the_start_and_for_huge_inputs(kind: str, scale: float) -> None:
    architecture = KINDS[kind](**SHARED)
    inputs, exog, tod, dow = windows(architecture, 2)
    value, gradient = _loss(architecture, create(architecture, shape_of(architecture), seed=0), (scale * inputs, exog, tod, dow))
    assert np.isfinite(value)
    assert all(np.isfinite(g).all() for g in gradient.values())


@pytest.mark.parametrize("kind", KINDS)
def test_shared_weights_are_a_loop_over_detectors(kind: str) -> None:
    more = {**SHARED, "sensor_embedding_dim": 0}
    architecture = KINDS[kind](**more)
    parameters, (inputs, exog, tod, dow) = randomised(architecture, deviation=0.05), windows(architecture, 3)
    one = architecture.model_copy(update={"num_sensors": 1, "shared_weights": False})
    together = np.asarray(forecast(architecture, parameters, (inputs, exog, tod, dow)))
    apart = [np.asarray(forecast(one, parameters, (inputs[:, :, n : n + 1], exog[:, :, n], tod, dow))) for n in range(5)]
    assert np.abs(together - np.concatenate(apart, axis=2)).max() <= 1e-6 * max(1, np.abs(together).max())


@pytest.mark.parametrize("kind", KINDS)
def test_permuted_detectors_have_permuted_forecasts(kind: str) -> None:
    architecture = KINDS[kind](**SHARED)
    parameters, (inputs, exog, tod, dow) = randomised(architecture, deviation=0.05), windows(architecture, 2)
    order = np.array([3, 0, 4, 1, 2])
    permuted = {**parameters, "embeddings.sensors": parameters["embeddings.sensors"][order]}
    before = np.asarray(forecast(architecture, parameters, (inputs, exog, tod, dow)))
    after = np.asarray(forecast(architecture, permuted, (inputs[:, :, order], exog[:, :, order], tod, dow)))
    assert np.abs(after - before[:, :, order]).max() <= 1e-6 * max(1, np.abs(before).max())


@pytest.mark.parametrize("kind", KINDS)
def test_a_forecast_does_not_depend_on_who_shares_the_batch(kind: str) -> None:
    architecture = KINDS[kind](**FLAT)
    parameters, data = randomised(architecture, deviation=0.05), windows(architecture, 64)
    whole = np.asarray(forecast(architecture, parameters, data))
    for row in (0, 63):
        alone = np.asarray(forecast(architecture, parameters, tuple(part[row : row + 1] for part in data)))
        assert np.abs(alone[0] - whole[row]).max() <= 1e-6 * max(1, np.abs(whole).max())


def states(architecture: AnyArchitecture, x: np.ndarray, last: int) -> np.ndarray:
    """The encoder's states (T, S, W) for inputs of steps (L, S, F)."""
    network = bind(architecture, shape_of(architecture), randomised(architecture))
    return np.asarray(_encoded(network, x[:, :, None], last))


@partial(jax.jit, static_argnums=2)
def _encoded(network: Network, x: jax.Array, last: int) -> jax.Array:
    return network.encoder(x, None, None, last)


@pytest.mark.parametrize("architecture", [lstm(), xlstm(), xlstm(slstm_at="all"), transformer(causal=True)], ids=str)
def test_a_later_step_changes_no_earlier_state(architecture: AnyArchitecture) -> None:
    x = np.random.default_rng(0).standard_normal((12, 2, 3)).astype(np.float32)
    later = x.copy()
    later[7:] += 1
    before, after = states(architecture, x, 12), states(architecture, later, 12)
    np.testing.assert_array_equal(before[:7], after[:7])
    assert (np.abs(before[7:] - after[7:]).max(axis=(1, 2)) > 1e-3).all()


def test_a_transformer_that_is_not_causal_looks_ahead() -> None:
    x = np.random.default_rng(0).standard_normal((12, 2, 3)).astype(np.float32)
    later = x.copy()
    later[-1] += 1
    assert np.abs(states(transformer(), x, 12)[0] - states(transformer(), later, 12)[0]).max() > 1e-3


@pytest.mark.parametrize("architecture", [lstm(), xlstm(), xlstm(slstm_at=(2,)), transformer(), transformer(causal=True)], ids=str)
@pytest.mark.parametrize("last", [1, 4])
def test_the_last_states_alone_are_those_of_all_steps(architecture: AnyArchitecture, last: int) -> None:
    x = np.random.default_rng(0).standard_normal((12, 2, 3)).astype(np.float32)
    np.testing.assert_allclose(states(architecture, x, last), states(architecture, x, 12)[-last:], atol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_acts_in_training_alone(kind: str) -> None:
    architecture = KINDS[kind](**SHARED).model_copy(update={"dropout": 0.1})
    assert np.array_equal(run(architecture), run(architecture))
    assert not np.array_equal(run(architecture, dropout=1), run(architecture))
    assert np.array_equal(run(architecture, dropout=1), run(architecture, dropout=1))
    assert not np.array_equal(run(architecture, dropout=1), run(architecture, dropout=2))
    none = architecture.model_copy(update={"dropout": 0.0})
    assert np.array_equal(run(none, dropout=1), run(architecture))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_bind_back_exactly(kind: str) -> None:
    architecture = KINDS[kind](**SHARED)
    network = build(architecture, shape_of(architecture), seed=3)
    again = parameters_of(network)
    fresh = create(architecture, shape_of(architecture), seed=3)
    assert again.keys() == fresh.keys()
    assert all(np.array_equal(again[name], fresh[name]) for name in fresh)


@pytest.mark.parametrize("architecture", [lstm(**SHARED), xlstm(**SHARED), xlstm(slstm_at=(0, 2), conv1d_kernel_size=0, bias=True, **FLAT)])
def test_steps_one_by_one_end_where_the_whole_window_does(architecture: AnyArchitecture) -> None:
    parameters, (inputs, exog, tod, dow) = randomised(architecture), windows(architecture, 1, 40)
    network = bind(architecture, shape_of(architecture), parameters)
    state, step = network.init_state(), jax.jit(Network.step)
    for t in range(40):
        state, found = step(network, state, inputs[0, t], exog[0, t], tod[0], dow[0])
        if t in (0, 3, 39):
            expected = np.asarray(forecast(architecture, parameters, (inputs[:, : t + 1], exog[:, : t + 1], tod, dow)))[0]
            assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("architecture", [transformer(), lstm(bidirectional=True)], ids=["transformer", "both directions"])
def test_networks_that_read_whole_windows_say_so(architecture: AnyArchitecture) -> None:
    with pytest.raises(NoStepsError, match="window"):
        build(architecture, shape_of(architecture), seed=0).init_state()


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_widths_are_named_with_both_sizes(kind: str) -> None:
    architecture = KINDS[kind](**SHARED)
    network, (inputs, exog, tod, dow) = build(architecture, shape_of(architecture), seed=0), windows(architecture, 1)
    with pytest.raises(TrafficError) as narrow:
        network(inputs[..., :1], exog, tod, dow)
    assert (narrow.value.code, narrow.value.key, narrow.value.expected) == ("MODEL_SHAPE", "input_size", ("B", "L", 5, 2))
    with pytest.raises(TrafficError) as wide:
        network(inputs, exog[..., :2], tod, dow)
    assert (wide.value.code, wide.value.key, wide.value.found) == ("MODEL_SHAPE", "exog_size", (1, 12, 5, 2))
    with pytest.raises(TrafficError) as other:
        create(architecture, DataShape(sensors=4, features=2, targets=1, exog=3, slots_per_day=24, shared=True), seed=0)
    assert (other.value.code, other.value.key, other.value.expected, other.value.found) == ("MODEL_SHAPE", "num_sensors", 5, 4)


def test_the_parallel_form_refuses_more_steps_than_its_context() -> None:
    architecture = xlstm(context_length=16)
    parameters, data = randomised(architecture), windows(architecture, 1, 17)
    with pytest.raises(TrafficError) as found:
        forecast(architecture, parameters, data)
    assert (found.value.code, found.value.key, found.value.expected, found.value.found) == ("MODEL_SHAPE", "context_length", 16, 17)
    pieces = forecast(architecture.model_copy(update={"mlstm_backend": "chunkwise", "chunk_size": 5}), parameters, data)
    steps = forecast(architecture.model_copy(update={"mlstm_backend": "recurrent"}), parameters, data)
    np.testing.assert_allclose(pieces, steps, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("architecture", "path"),
    [
        (xlstm(hidden_size=8), "hidden_size"),
        (xlstm(num_heads=3), "num_heads"),
        (xlstm(qkv_proj_blocksize=5), "qkv_proj_blocksize"),
        (xlstm(slstm_at=(1, 3)), "slstm_at"),
        (xlstm(sequence_length=300), "sequence_length"),
        (transformer(num_heads=3), "num_heads"),
        (transformer(embedding_dim=6), "num_heads"),
        (lstm(num_sensors=2), "input_size"),
        (lstm(social_pooling={"enabled": True}), "social_pooling.enabled"),
        (lstm(social_pooling={"enabled": True, "time_window": 13}, **SHARED), "social_pooling.time_window"),
        (lstm(social_pooling={"enabled": True, "heads": 3}, **SHARED), "social_pooling.heads"),
        (
            lstm(social_pooling={"enabled": True, "type": "distance", "kernel": "linear", "radius_m": None}, **SHARED),
            "social_pooling.kernel",
        ),
    ],
)
def test_architectures_that_contradict_themselves_are_refused(architecture: AnyArchitecture, path: str) -> None:
    with pytest.raises(ConfigError) as found:
        create(architecture, shape_of(architecture), seed=0)
    assert path in [problem.path for problem in found.value.problems]


def test_code_is_the_same_for_architectures_that_differ_in_rates() -> None:
    one, other = xlstm(dropout=0.3, ffn_dropout=0.2), xlstm(dropout=0.5)
    assert code_of(one) == code_of(other)
    assert hash(code_of(one)) == hash(code_of(other))
    assert code_of(one) != code_of(xlstm(compute_dtype="bfloat16"))


def around(sensors: int, neighbours: int) -> Neighbours:
    """Detectors on a circle, 100 m apart, that see those after them."""
    ahead = np.arange(1, neighbours + 1)
    index = ((np.arange(sensors)[:, None] + ahead) % sensors).astype(np.int32)
    return Neighbours(index, np.tile(100.0 * ahead, (sensors, 1)), np.ones((sensors, neighbours), bool))


def test_a_pooled_network_has_the_published_size() -> None:
    architecture = XLSTMArchitecture(
        input_size=1, output_size=1, num_sensors=4, shared_weights=True, prediction_length=3, sensor_embedding_dim=0,
        social_pooling=SocialPooling(enabled=True),
    )  # fmt: skip
    shapes = abstract_parameters(architecture, shape_of(architecture, around(4, 3)))
    assert sum(math.prod(shape) for shape in shapes.values()) == 794_551


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pooling", ["st_attention", "distance"])
def test_a_pooled_forecast_sees_its_neighbours_and_nobody_else(kind: str, pooling: Any) -> None:
    architecture = KINDS[kind](social_pooling={"enabled": True, "type": pooling}, **SHARED)
    shape = shape_of(architecture, around(5, 2))
    network, (inputs, exog, tod, dow) = build(architecture, shape, seed=0), windows(architecture, 2)
    before = np.asarray(_forward(network, (inputs, exog, tod, dow)))
    changed = inputs.copy()
    changed[:, :, 3] += 1
    moved = np.abs(np.asarray(_forward(network, (changed, exog, tod, dow))) - before).max(axis=(0, 1, 3)) > 0
    assert moved.tolist() == [False, True, True, True, False]
    weights = np.asarray(jax.jit(Network.neighbour_weights)(network, inputs, exog))
    assert weights.shape == (2, 5, 2)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    with pytest.raises(TrafficError) as alone:
        build(architecture, shape_of(architecture), seed=0)
    assert (alone.value.code, alone.value.key) == ("MODEL_SHAPE", "data.neighbours")


@pytest.mark.parametrize("kind", ["lstm", "xlstm"])
@pytest.mark.parametrize("pooling", ["st_attention", "distance"])
def test_pooled_steps_one_by_one_end_where_the_whole_window_does(kind: str, pooling: Any) -> None:
    architecture = KINDS[kind](social_pooling={"enabled": True, "type": pooling}, **SHARED)
    network, (inputs, exog, tod, dow) = build(architecture, shape_of(architecture, around(5, 2)), seed=0), windows(architecture, 1, 20)
    state, step = network.init_state(), jax.jit(Network.step)
    for t in range(20):
        state, found = step(network, state, inputs[0, t], exog[0, t], tod[0], dow[0])
        if t in (0, 2, 19):
            expected = np.asarray(_forward(network, (inputs[:, : t + 1], exog[:, : t + 1], tod, dow)))[0]
            assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


POOLED = {"social_pooling": {"enabled": True}}
LISTED: tuple[AnyArchitecture, ...] = (
    lstm(bidirectional=True, head="linear", **FLAT), lstm(quantiles=QUANTILES, **SHARED), lstm(**SHARED, **POOLED),
    xlstm(bias=True, conv1d_kernel_size=0, group_norm_weight=False, add_post_blocks_norm=False, **SHARED), xlstm(slstm_at="all", **FLAT),
    transformer(head="mlp", **FLAT), transformer(social_pooling={"enabled": True, "learnable_tau": False}, **SHARED),
    transformer(social_pooling={"enabled": True, "type": "distance"}, **SHARED),
)  # fmt: skip


@pytest.mark.parametrize("architecture", LISTED)
def test_listed_parameters_are_those_of_the_built_network(architecture: AnyArchitecture) -> None:
    built = abstract_parameters(architecture, shape_of(architecture, around(5, 2)))
    assert parameter_shapes(architecture) == built
    assert parameter_count(flat_values(architecture)) == sum(math.prod(shape) for shape in built.values())


@pytest.mark.parametrize("kind", KINDS)
def test_operations_grow_with_windows_and_width(kind: str) -> None:
    small, wide = KINDS[kind](**FLAT), KINDS[kind](**FLAT, **{"hidden_size" if kind == "lstm" else "embedding_dim": 64})
    assert operations_per_epoch(flat_values(small), 20) == 2 * operations_per_epoch(flat_values(small), 10) > 0
    assert operations_per_epoch(flat_values(wide), 10) > operations_per_epoch(flat_values(small), 10)
    # each number of a parameter matrix is used at least once for a window, forwards, and twice backwards
    assert operations_per_epoch(flat_values(small), 1) >= 2 * 3 * 0.9 * parameter_count(flat_values(small))
