"""Likelihoods against SciPy and closed forms."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats

from rcmvae.model.extras import Decoded
from rcmvae.model.likelihood import Observation, bernoulli

RNG = np.random.default_rng(0)
X = RNG.random((3, 6)).astype(np.float32)
OUTPUT = RNG.normal(size=(3, 2, 6)).astype(np.float32)


def test_bernoulli_keeps_its_closed_form_at_extreme_logits() -> None:
    for logit in (-20.0, 0.0, 20.0):
        for x in (0.0, 0.5, 1.0):
            exact = x * math.log1p(math.exp(-logit)) + (1 - x) * math.log1p(math.exp(logit))
            assert float(bernoulli(jnp.array([x]), jnp.array([logit]))) == pytest.approx(exact, rel=1e-6, abs=1e-9)


def test_bce_is_the_negative_log_likelihood_of_coins() -> None:
    p = scipy.special.expit(OUTPUT.astype(np.float64))
    expected = -(X[:, None] * np.log(p) + (1 - X[:, None]) * np.log(1 - p)).sum(axis=-1)
    found = Observation("bce").negative_log_likelihood(jnp.asarray(X), Decoded(jnp.asarray(OUTPUT), None))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_mse_is_the_negative_log_density_of_a_normal_with_the_fixed_noise() -> None:
    mean = scipy.special.expit(OUTPUT.astype(np.float64))
    expected = -scipy.stats.norm.logpdf(X[:, None], mean, 0.3).sum(axis=-1)
    found = Observation("mse", sigma=0.3).negative_log_likelihood(jnp.asarray(X), Decoded(jnp.asarray(OUTPUT), None))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_heteroscedastic_noise_is_per_image_and_component_and_starts_at_the_geometric_mean() -> None:
    observation = Observation("heteroscedastic", sigma_min=0.05, sigma_max=0.5)
    start = observation.noise(Decoded(jnp.asarray(OUTPUT), jnp.zeros((3, 2))))
    np.testing.assert_allclose(start, math.sqrt(0.05 * 0.5), rtol=1e-5)
    raw = jnp.asarray(RNG.normal(size=(3, 2)).astype(np.float32)) * 4
    sigma = np.asarray(observation.noise(Decoded(jnp.asarray(OUTPUT), raw)), np.float64)
    assert (sigma > 0.05).all()
    assert (sigma < 0.5).all()
    mean = scipy.special.expit(OUTPUT.astype(np.float64))
    expected = -scipy.stats.norm.logpdf(X[:, None], mean, sigma[:, :, None]).sum(axis=-1)
    found = observation.negative_log_likelihood(jnp.asarray(X), Decoded(jnp.asarray(OUTPUT), raw))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_noise_level_has_a_gradient_at_the_start() -> None:
    observation = Observation("heteroscedastic")
    slope = jax.grad(lambda raw: observation.negative_log_likelihood(jnp.asarray(X), Decoded(jnp.asarray(OUTPUT), raw)).sum())(
        jnp.zeros((3, 2))
    )
    assert (np.abs(np.asarray(slope)) > 1e-3).all()


def test_only_a_heteroscedastic_decoder_has_a_noise_level() -> None:
    with pytest.raises(ValueError, match="heteroscedastic"):
        Observation("mse").noise(Decoded(jnp.asarray(OUTPUT), None))
