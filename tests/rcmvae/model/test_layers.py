"""Layers against NumPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.model.layers import DROPOUT_LEVELS, add_shared, dropout, leaky_relu, standardize


def test_dropout_zeroes_the_given_share_and_keeps_the_mean() -> None:
    x = jnp.ones((200, 500))
    draws = jax.random.bits(jax.random.key(0), x.shape, jnp.uint16)
    out = np.asarray(dropout(x, 0.3, draws))
    assert (out == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert out.mean() == pytest.approx(1.0, abs=0.01)
    assert np.unique(out).size == 2


def test_dropout_without_draws_changes_nothing() -> None:
    x = jnp.arange(6.0)
    assert np.array_equal(dropout(x, 0.5, None), x)


def test_a_tiny_dropout_rate_still_drops_the_largest_draw() -> None:
    draws = jnp.asarray(np.array([0, DROPOUT_LEVELS - 1], np.uint16))
    out = np.asarray(dropout(jnp.ones(2), 1e-9, draws))
    assert out[0] > 0
    assert out[1] == 0


@pytest.mark.parametrize("components", [1, 3])
def test_a_shared_summand_has_the_value_and_gradients_of_a_plain_sum(components: int) -> None:
    rng = np.random.default_rng(0)
    h, shared = jnp.asarray(rng.normal(size=(4, components, 2, 5))), jnp.asarray(rng.normal(size=(3, 2, 5)))
    weights = jnp.asarray(rng.normal(size=(4, 3, 2, 5)))
    found, slopes = jax.value_and_grad(lambda h, s: jnp.sum(weights * jnp.sin(add_shared(h, s))), (0, 1))(h, shared)
    plain, expected = jax.value_and_grad(lambda h, s: jnp.sum(weights * jnp.sin(h + s[None])), (0, 1))(h, shared)
    np.testing.assert_allclose(found, plain, rtol=1e-6)
    for mine, other in zip(slopes, expected, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


def test_standardize_gives_mean_zero_and_variance_one_over_its_axes() -> None:
    x = np.random.default_rng(0).normal(3, 2, (4, 5, 6)).astype(np.float32)
    out = np.asarray(standardize(jnp.asarray(x), (1, 2)))
    np.testing.assert_allclose(out.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(out.var(axis=(1, 2)), 1, rtol=1e-3)


def test_leaky_relu_keeps_a_slope_below_zero() -> None:
    np.testing.assert_allclose(leaky_relu(jnp.array([-2.0, 0.0, 3.0]), 0.1), [-0.2, 0.0, 3.0])
