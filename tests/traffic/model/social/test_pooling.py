"""Social pooling: against all pairs, for detectors alone, under permutation, and what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from tests.traffic.model.social import dense
from tests.traffic.model.social.making import RADIUS, WIDTH, arrays, named, near, places, pooling, states
from traffic.config_social import SocialPooling
from traffic.data import csv_wide
from traffic.errors import TrafficError
from traffic.model.dropout import Dropout, Rates
from traffic.model.social.pooling import Pooling
from traffic.neighbours import Neighbours, nearest, of_data

SENSORS = 9
KINDS = [{"type": "st_attention"}] + [
    {"type": "distance", "kernel": kernel, "aggregation": aggregation}
    for kernel in ("gaussian", "exponential", "linear", "inverse")
    for aggregation in ("weighted_mean", "weighted_sum", "mean", "max")
]
FEW = [KINDS[0], KINDS[1], KINDS[4]]
"""Attention, a weighted mean and a maximum."""


@pytest.mark.parametrize("settings", KINDS, ids=lambda each: "-".join(each.values()))
def test_the_result_is_that_of_all_pairs_of_detectors(settings: dict[str, Any]) -> None:
    where = places(SENSORS)
    neighbours = near(where)
    module = pooling(neighbours, **settings)
    tokens, last = states(SENSORS)
    distance = dense.distances(where)
    valid = dense.valid_pairs(distance, 3, RADIUS)
    assert valid.any(1).sum() > 3
    assert not valid.any(1).all()
    scale = distance[valid].mean()
    exact, newest = np.asarray(tokens, np.float64), np.asarray(last, np.float64)
    if settings["type"] == "distance":
        context = dense.by_distance(newest, distance, valid, settings["kernel"], settings["aggregation"], scale, RADIUS)
    else:
        context, weights = dense.attention(arrays(module), exact, newest, distance, valid, scale, 2, 2)
        assert module.attention is not None
        rows = np.arange(SENSORS)[:, None]
        expected = np.where(neighbours.mask[..., None, None], weights[:, rows, neighbours.index], 0)
        np.testing.assert_allclose(module.attention.weights(tokens, last), expected, atol=1e-5)
    np.testing.assert_allclose(module.pooled(tokens, last), context, atol=1e-5)
    np.testing.assert_allclose(module(tokens, last), dense.fused(arrays(module), newest, context), atol=1e-5)


@pytest.mark.parametrize("settings", FEW, ids=lambda each: "-".join(each.values()))
def test_a_detector_without_neighbours_has_a_context_of_exactly_zero(settings: dict[str, Any]) -> None:
    module = pooling(near(places(SENSORS)), **settings)
    alone = module.neighbours.alone
    assert alone.any()
    context = np.asarray(module.pooled(*states(SENSORS)))
    assert not context[:, alone].any()
    assert context[:, ~alone].any(-1).all()


def test_on_real_roads_the_detectors_that_five_kilometres_leave_alone_have_no_context(metr_la_60: Path) -> None:
    module = pooling(of_data(csv_wide.read(metr_la_60), "coords"), time_window=4)
    context = np.asarray(module.pooled(*states(60)))
    np.testing.assert_array_equal(context.any((0, 2)), ~module.neighbours.alone)
    assert module.neighbours.alone.any()


@pytest.mark.parametrize("settings", FEW, ids=lambda each: "-".join(each.values()))
@pytest.mark.parametrize("lonely", ["one detector", "a radius of a metre", "far apart"])
def test_where_nobody_has_neighbours_all_is_zero_and_gradients_are_finite(settings: dict[str, Any], lonely: str) -> None:
    where = places(1 if lonely == "one detector" else 5)
    module = pooling(near(where, radius_m=1.0) if lonely == "a radius of a metre" else near(where, radius_m=1e-3), **settings)
    tokens, last = states(len(where))
    assert not np.asarray(module.pooled(tokens, last)).any()
    assert not np.asarray(module.weights(tokens, last)).any()
    for gradient in jax.tree.leaves(gradients(module, tokens, last)):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("settings", FEW, ids=lambda each: "-".join(each.values()))
def test_gradients_are_finite_with_some_alone_and_huge_states(settings: dict[str, Any]) -> None:
    module = pooling(near(places(SENSORS)), **settings)
    tokens, last = states(SENSORS)
    for factor in (1.0, 1e3):
        assert all(np.isfinite(each).all() for each in jax.tree.leaves(gradients(module, factor * tokens, factor * last)))


@pytest.mark.parametrize("settings", FEW, ids=lambda each: "-".join(each.values()))
def test_what_lies_outside_the_radius_changes_not_a_bit_even_if_it_is_no_number(settings: dict[str, Any]) -> None:
    where = places(SENSORS)
    neighbours = near(where, knn_k=SENSORS - 1)
    module = pooling(neighbours, **settings)
    tokens, last = states(SENSORS)
    for sensor in range(SENSORS):
        sees = np.zeros(SENSORS, bool)
        sees[sensor] = True
        for other in range(SENSORS):
            sees[other] |= sensor in neighbours.index[other][neighbours.mask[other]]
        moved = module(tokens.at[:, sensor].set(jnp.nan), last.at[:, sensor].set(jnp.nan))
        np.testing.assert_array_equal(moved[:, ~sees], module(tokens, last)[:, ~sees])
        assert np.isnan(moved[:, sees]).any(-1).all()


@pytest.mark.parametrize("settings", FEW, ids=lambda each: "-".join(each.values()))
def test_reordering_detectors_reorders_the_result(settings: dict[str, Any]) -> None:
    where, order = places(SENSORS), np.random.default_rng(3).permutation(SENSORS)
    names = [f"s{number}" for number in range(SENSORS)]
    tokens, last = states(SENSORS)
    plain = pooling(nearest(names, where, knn_k=3, radius_m=RADIUS), **settings)
    mixed = pooling(nearest([names[number] for number in order], where[order], knn_k=3, radius_m=RADIUS), **settings)
    np.testing.assert_allclose(mixed(tokens[:, order], last[:, order]), plain(tokens, last)[:, order], atol=1e-5)


def test_attention_is_handed_out_and_sums_to_one_or_to_zero() -> None:
    module = pooling(near(places(SENSORS)))
    tokens, last = states(SENSORS)
    assert module.attention is not None
    by_head = module.attention.weights(tokens, last)
    assert by_head.shape == (2, SENSORS, 3, 2, 2)
    np.testing.assert_allclose(by_head.sum((2, 3)), np.broadcast_to(~module.neighbours.alone[:, None], (2, SENSORS, 2)), atol=1e-6)
    np.testing.assert_allclose(module.weights(tokens, last), by_head.sum(3).mean(-1), atol=1e-6)


def test_only_the_latest_steps_are_looked_at_and_a_shorter_past_is_one_whose_rest_is_not_there() -> None:
    module = pooling(near(places(SENSORS)), time_window=3)
    tokens, last = states(SENSORS, steps=6)
    np.testing.assert_array_equal(module(tokens.at[:, :, :3].set(99.0), last), module(tokens, last))
    short = module(tokens[:, :, -2:], last)
    valid = jnp.asarray([False, False, False, False, True, True])
    np.testing.assert_allclose(module(tokens.at[:, :, :4].set(99.0), last, valid=valid), short, atol=1e-6)


def test_temperatures_start_where_the_config_says_and_are_parameters_only_if_learned() -> None:
    neighbours = near(places(4))
    for tau in (0.01, 1.0, 900.0):
        for learned in (True, False):
            module = Pooling(SocialPooling(enabled=True, heads=2, tau_init=tau, learnable_tau=learned), neighbours, WIDTH)
            assert module.attention is not None
            raw = named(module).get("attention.raw_temperature")
            assert (raw is not None) is learned
            if raw is not None:
                start = raw.get_metadata("start")
                raw[...] = jnp.asarray(start(np.random.default_rng(0), raw.shape), jnp.float32)
            np.testing.assert_allclose(module.attention.temperature, [tau, tau], rtol=1e-4)


def test_one_scale_holds_for_all_and_a_given_one_replaces_the_mean_distance() -> None:
    neighbours = near(places(SENSORS))
    assert pooling(neighbours).scale == pytest.approx(neighbours.distance[neighbours.mask].mean())
    assert pooling(neighbours, length_scale_m=700.0).scale == 700.0
    tokens, last = states(SENSORS)
    assert not np.allclose(pooling(neighbours)(tokens, last), pooling(neighbours, length_scale_m=100.0)(tokens, last))


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({}, 6 * (32 * 32 + 32) + 2 * 32 * 32 + 4 * 4 + 4),
        ({"learnable_tau": False}, 6 * (32 * 32 + 32) + 2 * 32 * 32 + 4 * 4),
        ({"type": "distance"}, 2 * (64 * 32 + 32)),
    ],
)
def test_there_are_exactly_so_many_parameters_and_the_optimiser_has_them_all(settings: dict[str, Any], count: int) -> None:
    module = Pooling(SocialPooling.model_validate({"enabled": True, **settings}), near(places(5)), 32)
    parameters = nnx.state(module, nnx.Param)
    assert sum(leaf.size for leaf in jax.tree.leaves(parameters)) == count
    momenta = optax.adam(1e-3).init(parameters)[0].mu  # type: ignore[union-attr, index]
    assert jax.tree.structure(momenta) == jax.tree.structure(parameters)


@pytest.mark.parametrize("settings", FEW, ids=lambda each: "-".join(each.values()))
def test_every_parameter_gets_a_gradient_but_the_bias_of_keys_which_cancels(settings: dict[str, Any]) -> None:
    module = pooling(near(places(SENSORS)), **settings)
    found = {".".join(map(str, path)): leaf for path, leaf in nnx.to_flat_state(gradients(module, *states(SENSORS)))}
    # the same number added to all logits of a softmax changes nothing
    assert {name for name, leaf in found.items() if float(jnp.abs(leaf[...]).max()) < 1e-6} <= {"attention.key.bias"}


def test_dropout_falls_on_the_fused_state_alone_and_at_its_own_rate() -> None:
    module = pooling(near(places(SENSORS)))
    tokens, last = states(SENSORS, batch=64)
    plain = np.asarray(module(tokens, last))
    some = np.asarray(module(tokens, last, dropout=Dropout(jax.random.key(0), Rates(social=np.asarray(0.25, np.float32)))))
    kept = some != 0
    np.testing.assert_allclose(some[kept], plain[kept] / 0.75, rtol=1e-5)
    assert 1 - kept[plain != 0].mean() == pytest.approx(0.25, abs=0.03)
    np.testing.assert_array_equal(
        module(tokens, last, dropout=Dropout(jax.random.key(0), Rates(general=np.asarray(0.9, np.float32)))), plain
    )


def test_products_in_bfloat16_stay_close_and_weights_stay_float32() -> None:
    neighbours = near(places(SENSORS))
    config = SocialPooling(enabled=True, heads=2)
    exact, rough = (Pooling(config, neighbours, WIDTH, dtype=dtype) for dtype in ("float32", "bfloat16"))
    values = arrays(pooling(neighbours, time_window=4))
    for module in (exact, rough):
        for name, leaf in named(module).items():
            leaf[...] = jnp.asarray(values[name], jnp.float32)
    tokens, last = states(SENSORS)
    assert rough.attention is not None
    assert rough.attention.weights(tokens, last).dtype == rough(tokens, last).dtype == np.float32
    np.testing.assert_allclose(rough(tokens, last), exact(tokens, last), atol=0.1)
    assert not np.array_equal(rough(tokens, last), exact(tokens, last))


@pytest.mark.parametrize(
    ("settings", "key"),
    [({"heads": 3}, "social_pooling.heads"), ({"type": "distance", "kernel": "linear", "radius_m": None}, "social_pooling.radius_m")],
)
def test_what_does_not_fit_is_refused_when_it_is_built(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(TrafficError) as caught:
        pooling(near(places(4)), **settings)
    assert (caught.value.code, caught.value.key) == ("MODEL_SHAPE", key)


def test_no_array_has_two_axes_of_detectors_and_the_memory_stays_bounded() -> None:
    batch, sensors, steps, width, k = 16, 325, 6, 128, 16
    generator = np.random.default_rng(0)
    index = np.argsort(generator.random((sensors, sensors)), axis=1)[:, :k].astype(np.int32)
    neighbours = Neighbours(index, generator.uniform(0, 9000, index.shape), generator.random(index.shape) < 0.8)
    module = Pooling(SocialPooling(enabled=True, time_window=6), neighbours, width)
    graph, parameters = nnx.split(module)

    def loss(parameters: Any, tokens: Any) -> Any:
        return jnp.sum(nnx.merge(graph, parameters)(tokens, tokens[:, :, -1]) ** 2)

    shape = jax.ShapeDtypeStruct((batch, sensors, steps, width), jnp.float32)
    lowered = jax.jit(jax.value_and_grad(loss, argnums=(0, 1))).lower(parameters, shape)
    assert f"tensor<{batch}x{sensors}x{sensors}" not in lowered.as_text()
    assert f"tensor<{batch}x{sensors}x{k}" in lowered.as_text()
    found = lowered.compile().memory_analysis()
    assert found is not None
    assert found.temp_size_in_bytes <= 1.7e9


def gradients(module: Pooling, tokens: Any, last: Any) -> Any:
    graph, parameters = nnx.split(module)
    return jax.grad(lambda values: jnp.sum(nnx.merge(graph, values)(tokens, last) ** 2))(parameters)
