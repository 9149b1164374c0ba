"""Divergences against NumPy in float64, SciPy, Monte Carlo and finite differences."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from rcmvae.model.divergences import categorical_kl, gaussian_kl, usage_entropy_gap


def finite_difference(function: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Central differences of a scalar function, entry by entry."""
    slope = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        slope[index] = (function(up) - function(down)) / (2 * step)
    return slope


def test_gaussian_kl_agrees_with_a_monte_carlo_estimate() -> None:
    rng = np.random.default_rng(0)
    mean, log_var, centre = rng.normal(size=3), rng.normal(size=3) * 0.7, rng.normal(size=3)
    sigma = np.exp(0.5 * log_var)
    z = mean + sigma * rng.standard_normal((200_000, 3))
    samples = (scipy.stats.norm.logpdf(z, mean, sigma) - scipy.stats.norm.logpdf(z, centre, 1.0)).sum(axis=1)
    exact = float(gaussian_kl(jnp.asarray(mean), jnp.asarray(log_var), jnp.asarray(centre)))
    assert abs(exact - samples.mean()) < 4 * samples.std() / np.sqrt(len(samples))


def test_gaussian_kl_is_zero_for_the_prior_itself_and_positive_elsewhere() -> None:
    assert float(gaussian_kl(jnp.zeros(4), jnp.zeros(4))) == 0.0
    assert float(gaussian_kl(jnp.full(4, 0.1), jnp.zeros(4))) > 0


def test_categorical_kl_agrees_with_scipy_also_where_responsibilities_vanish() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(6, 5)) * 8
    pi = rng.dirichlet(np.ones(5))
    r = scipy.special.softmax(logits, axis=1)
    expected = [scipy.stats.entropy(row, pi) for row in r]
    found = categorical_kl(jax.nn.log_softmax(jnp.asarray(logits, jnp.float32)), jnp.log(jnp.asarray(pi, jnp.float32)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    certain = jax.nn.log_softmax(jnp.array([[200.0, 0.0, -200.0]]))
    np.testing.assert_allclose(categorical_kl(certain, jnp.log(jnp.ones(3) / 3)), [np.log(3)], rtol=1e-6)


def test_the_usage_gap_is_zero_when_even_and_log_k_when_one_takes_all() -> None:
    assert float(usage_entropy_gap(jnp.full(7, 1 / 7))) == pytest.approx(0.0, abs=1e-6)
    assert float(usage_entropy_gap(jnp.eye(7)[2])) == pytest.approx(np.log(7), rel=1e-5)
    usage = np.random.default_rng(2).dirichlet(np.ones(7))
    assert float(usage_entropy_gap(jnp.asarray(usage))) == pytest.approx(np.log(7) - scipy.stats.entropy(usage), rel=1e-5)
    assert float(usage_entropy_gap(jnp.array([0.5, 0.5, 0.0, 0.0]), 2.0)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", ["gaussian", "categorical", "usage"])
def test_gradients_agree_with_finite_differences_in_float64(name: str) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 4))
    with jax.enable_x64(True):
        pi = jnp.log(jnp.asarray(rng.dirichlet(np.ones(4))))
        functions: dict[str, Callable[[jax.Array], jax.Array]] = {
            "gaussian": lambda v: gaussian_kl(v[0], v[1], 0.3),
            "categorical": lambda v: categorical_kl(jax.nn.log_softmax(v), pi).sum(),
            "usage": lambda v: usage_entropy_gap(jax.nn.softmax(v).mean(axis=0)),
        }
        chosen = functions[name]
        found = np.asarray(jax.grad(chosen)(jnp.asarray(x)))
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, finite_difference(lambda v: float(chosen(jnp.asarray(v))), x), rtol=1e-5, atol=1e-8)
