"""Dropout, precision, positions, and what is cut from gradients."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.model.making import KINDS, SHARED, randomised, windows, xlstm
from traffic.model.dropout import Dropout, Rates, rates_of
from traffic.model.network import bind
from traffic.model.slstm_layer import with_clipped_gradient
from traffic.model.transformer import rotated
from traffic.shapes import shape_of


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_its_rate_and_keeps_the_mean(rate: float) -> None:
    x = jnp.ones((200, 1000))
    found = np.asarray(Dropout(jax.random.key(0), Rates(general=np.asarray(rate, np.float32)))(x))
    dropped = found == 0
    assert abs(dropped.mean() - rate) <= 4 * np.sqrt(rate * (1 - rate) / x.size)
    np.testing.assert_allclose(found[~dropped], 1 / (1 - rate), rtol=1e-5)
    for pair in (dropped[:, 1:] & dropped[:, :-1], dropped[1:] & dropped[:-1]):
        assert abs(pair.mean() - rate**2) <= 5 * np.sqrt(rate**2 * (1 - rate**2) / pair.size)


def test_each_place_drops_other_entries_and_a_rate_near_one_drops_nearly_all() -> None:
    dropout, x = Dropout(jax.random.key(0), Rates(general=np.asarray(0.5, np.float32), social=np.asarray(1 - 2**-20, np.float32))), jnp.ones((100, 100))
    first, second = dropout(x) == 0, dropout(x) == 0
    assert 0.4 < float(jnp.mean(first == second)) < 0.6
    assert float(jnp.mean(dropout(x, "social") == 0)) > 0.99
    assert dropout(x, "feed_forward") is x


def test_rates_are_those_of_the_config() -> None:
    rates = rates_of(xlstm(dropout=0.25, ffn_dropout=0.0))
    assert (float(rates.general or 0), rates.feed_forward, rates.social) == (0.25, None, None)
    pooled = rates_of(xlstm(dropout=0.0, social_pooling={"enabled": True, "dropout": 0.5}, **SHARED))
    assert (pooled.general, pooled.feed_forward) == (None, None)
    assert pooled.social is not None
    assert float(pooled.social) == 0.5
    inherited = rates_of(xlstm(dropout=0.5))
    assert inherited.feed_forward is not None
    assert float(inherited.feed_forward) == 0.5


def test_another_rate_compiles_nothing_anew() -> None:
    architecture = xlstm(**SHARED)
    parameters, data = randomised(architecture), windows(architecture, 2)
    traced: list[int] = []

    @jax.jit
    def run(key: Any, rates: Rates) -> Any:
        traced.append(1)
        return bind(architecture, shape_of(architecture), parameters)(*data, dropout=Dropout(key, rates))

    key = jax.random.key(0)
    results = [run(key, rates_of(architecture.model_copy(update={"dropout": rate}))) for rate in (0.1, 0.2, 0.6)]
    assert len(traced) == 1
    assert not np.array_equal(results[0], results[2])


@pytest.mark.parametrize("kind", KINDS)
def test_bfloat16_reaches_matrix_products_alone(kind: str) -> None:
    architecture = KINDS[kind](compute_dtype="bfloat16", **SHARED)
    exact = architecture.model_copy(update={"compute_dtype": "float32"})
    parameters, data = randomised(architecture, deviation=0.05), windows(architecture, 2)
    program = jax.make_jaxpr(lambda p: bind(architecture, shape_of(architecture), p)(*data))(parameters)
    found = {eqn.primitive.name for eqn in _equations(program.jaxpr) if any(_is_half(var) for var in (*eqn.invars, *eqn.outvars))}
    products = [eqn for eqn in _equations(program.jaxpr) if eqn.primitive.name == "dot_general"]
    assert found <= {"convert_element_type", "dot_general", "transpose", "reshape", "broadcast_in_dim", "scan", "jit", "pjit", "while"}
    assert all(not _is_half(eqn.outvars[0]) for eqn in products)
    assert sum(_is_half(eqn.invars[0]) for eqn in products) >= len(products) - 1
    half, full = (np.asarray(bind(a, shape_of(a), parameters)(*data)) for a in (architecture, exact))
    assert half.dtype == np.float32
    assert 0 < np.abs(half - full).max() <= 0.05 * np.abs(full).max()


def _is_half(var: Any) -> bool:
    return getattr(var.aval, "dtype", None) == jnp.bfloat16


def _equations(jaxpr: Any) -> Any:
    for eqn in jaxpr.eqns:
        yield eqn
        for value in eqn.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from _equations(inner)


def test_logits_depend_on_the_distance_of_steps_alone() -> None:
    generator = np.random.default_rng(0)
    q, k = (generator.standard_normal((2, 12, 8)).astype(np.float32) for _ in range(2))
    positions = np.arange(12)

    def logits(shift: int) -> np.ndarray:
        turned = rotated(jnp.asarray(q), positions + shift, 10_000.0), rotated(jnp.asarray(k), positions + shift, 10_000.0)
        return np.asarray(jnp.einsum("btd,bsd->bts", *turned))

    np.testing.assert_allclose(logits(37), logits(0), atol=1e-5)
    assert np.abs(logits(0) - np.einsum("btd,bsd->bts", q, k)).max() > 0.1


def _recurrent_gradient(**more: Any) -> dict[str, np.ndarray]:
    architecture = xlstm(num_blocks=1, slstm_at="all", **more)
    parameters, data = randomised(architecture), windows(architecture, 2)
    return jax.device_get(jax.grad(lambda p: jnp.sum(bind(architecture, shape_of(architecture), p)(*data)))(parameters))


def test_recurrent_gradients_can_be_clipped_or_cut_without_changing_the_forecast() -> None:
    whole, cut = _recurrent_gradient(), _recurrent_gradient(gradient_recurrent_cut=True)
    clipped = [_recurrent_gradient(gradient_recurrent_clipval=bound) for bound in (1e9, 1e-3, 1e-12)]
    name = "encoder.blocks.0.layer.kernel"
    np.testing.assert_allclose(clipped[0][name], whole[name], rtol=1e-5)
    assert np.abs(cut[name] - whole[name]).max() > 1e-3 * np.abs(whole[name]).max()
    assert 1e-6 < np.abs(clipped[1][name] - cut[name]).max() < np.abs(whole[name] - cut[name]).max()
    np.testing.assert_allclose(clipped[2][name], cut[name], atol=1e-6 * np.abs(cut[name]).max())
    assert np.abs(cut["encoder.blocks.0.layer.recurrent"]).max() > 0


def test_a_clipped_gradient_is_bound_entry_by_entry() -> None:
    weights = jnp.array([-3.0, 0.5, 2.0])
    gradient = jax.grad(lambda x: jnp.sum(weights * with_clipped_gradient(x, 1.0)))(jnp.zeros(3))
    assert gradient.tolist() == [-1.0, 0.5, 1.0]
