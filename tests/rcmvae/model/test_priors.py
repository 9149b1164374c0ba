"""Priors: weights, responsibilities, sampling and density."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats

from rcmvae.config import resolve
from rcmvae.model.network import bind, create
from rcmvae.model.plan import plan_of
from rcmvae.model.priors import PRIORS


def built(**values):
    plan = plan_of(resolve({"input_shape": (8, 8, 1), "num_classes": 3, "num_components": 4, **values}))
    return plan, create(plan, 0)


def test_a_mixture_starts_with_even_weights_and_learns_them_by_softmax() -> None:
    plan, parameters = built()
    np.testing.assert_allclose(bind(plan, parameters).prior.log_pi(learnable=True), -np.log(4), rtol=1e-6)
    parameters["prior.pi_logits"] = jnp.array([0.0, 1.0, 2.0, 3.0])
    network = bind(plan, parameters)
    np.testing.assert_allclose(network.prior.log_pi(learnable=True), scipy.special.log_softmax([0, 1, 2, 3]), rtol=1e-5)
    np.testing.assert_allclose(network.prior.log_pi(learnable=False), -np.log(4), rtol=1e-6)


def test_fixed_weights_have_no_gradient() -> None:
    plan, parameters = built()
    slope = jax.grad(lambda p: bind(plan, p).prior.log_pi(learnable=False)[0])(parameters)
    assert not np.asarray(slope["prior.pi_logits"]).any()


def test_responsibilities_are_the_softmax_of_the_encoder_s_logits() -> None:
    plan, parameters = built()
    logits = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32) * 50
    found = bind(plan, parameters).prior.log_responsibilities(jnp.asarray(logits), jnp.zeros((3, 1, 2)))
    np.testing.assert_allclose(found, scipy.special.log_softmax(logits, axis=1), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="logits"):
        bind(plan, parameters).prior.log_responsibilities(None, jnp.zeros((3, 1, 2)))


def test_the_standard_prior_has_one_component_and_no_parameters() -> None:
    plan = plan_of(resolve({"input_shape": (8, 8, 1), "num_classes": 3, "prior_type": "standard"}))
    parameters = create(plan, 0)
    assert plan.components == 1
    assert not [name for name in parameters if name.startswith("prior")]
    assert not np.asarray(bind(plan, parameters).prior.log_responsibilities(None, jnp.zeros((3, 1, 2)))).any()


def test_samples_follow_weights_and_their_density() -> None:
    plan, parameters = built()
    prior = bind(plan, parameters).prior
    log_pi = jnp.log(jnp.array([0.5, 0.3, 0.15, 0.05]))
    z, components = prior.sample(jax.random.key(0), 20_000, log_pi)
    np.testing.assert_allclose(np.bincount(components, minlength=4) / 20_000, [0.5, 0.3, 0.15, 0.05], atol=0.015)
    assert scipy.stats.kstest(np.asarray(z[:, 0]), "norm").pvalue > 0.01
    expected = scipy.stats.norm.logpdf(np.asarray(z[:5])).sum(axis=1)
    np.testing.assert_allclose(prior.log_density(z[:5], components[:5]), expected, rtol=1e-4)


def test_every_registered_prior_is_one_that_the_config_knows() -> None:
    assert set(PRIORS) == {"standard", "mixture"}
