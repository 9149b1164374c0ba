"""Priors: weights, responsibilities, divergences against Monte Carlo, sampling and density."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats

from rcmvae.config import resolve
from rcmvae.model.network import PI, Parameters, bind, create
from rcmvae.model.plan import NetworkPlan, geometric_centres, plan_of
from rcmvae.model.priors import PRIORS

RNG = np.random.default_rng(0)


def built(**values: Any) -> tuple[NetworkPlan, Parameters]:
    """A plan and parameters that are not at their start."""
    plan = plan_of(resolve({"input_shape": (8, 8, 1), "num_classes": 3, "num_components": 4, **values}))
    rng = np.random.default_rng(1)
    parameters = create(plan, 0)
    return plan, {n: v + jnp.asarray(rng.normal(size=v.shape), jnp.float32) * 0.5 for n, v in parameters.items() if n != PI} | {
        PI: parameters[PI] for PI in [PI] if PI in parameters
    }


def posterior(plan: NetworkPlan, rows: int = 3) -> tuple[np.ndarray, np.ndarray]:
    shape = (rows, plan.posteriors, plan.latent)
    return RNG.normal(size=shape).astype(np.float32), (RNG.normal(size=shape) * 0.5).astype(np.float32)


def test_weights_start_even_and_are_learned_by_softmax() -> None:
    for prior in ("mixture", "vamp"):
        plan, parameters = built(prior_type=prior)
        np.testing.assert_allclose(bind(plan, parameters).prior.log_pi(), -np.log(4), rtol=1e-6)
        parameters[PI] = jnp.array([0.0, 1.0, 2.0, 3.0])
        np.testing.assert_allclose(bind(plan, parameters).prior.log_pi(), scipy.special.log_softmax([0, 1, 2, 3]), rtol=1e-5)
        np.testing.assert_allclose(bind(plan, parameters, learnable_pi=False).prior.log_pi(), -np.log(4), rtol=1e-6)


def test_fixed_weights_have_no_gradient() -> None:
    plan, parameters = built()
    slope = jax.grad(lambda p: bind(plan, p, learnable_pi=False).prior.log_pi()[0])(parameters)
    assert not np.asarray(slope[PI]).any()


@pytest.mark.parametrize("prior", ["mixture", "geometric_mog"])
def test_responsibilities_are_the_softmax_of_the_encoder_s_logits(prior: str) -> None:
    plan, parameters = built(prior_type=prior)
    logits = RNG.normal(size=(3, 4)).astype(np.float32) * 50
    found = bind(plan, parameters).prior.log_responsibilities(jnp.asarray(logits), jnp.zeros((3, 1, 2)), None)
    np.testing.assert_allclose(found, scipy.special.log_softmax(logits, axis=1), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="logits"):
        bind(plan, parameters).prior.log_responsibilities(None, jnp.zeros((3, 1, 2)), None)


def test_the_standard_prior_has_one_component_and_no_parameters() -> None:
    plan = plan_of(resolve({"input_shape": (8, 8, 1), "num_classes": 3, "prior_type": "standard"}))
    parameters = create(plan, 0)
    assert plan.components == 1
    assert not [name for name in parameters if name.startswith("prior")]
    assert not np.asarray(bind(plan, parameters).prior.log_responsibilities(None, jnp.zeros((3, 1, 2)), None)).any()


def vamp() -> tuple[Any, Any, np.ndarray, np.ndarray, np.ndarray]:
    """A VampPrior with uneven weights, its centres, and these as exact means, deviations and weights."""
    plan, parameters = built(prior_type="vamp")
    parameters[PI] = jnp.array([0.0, 1.0, -1.0, 0.5])
    network = bind(plan, parameters)
    centres = network.centres()
    assert centres is not None
    return (
        network,
        centres,
        np.asarray(centres[0], float),
        np.exp(0.5 * np.asarray(centres[1], float)),
        scipy.special.softmax([0, 1, -1, 0.5]),
    )


def test_vamp_components_are_where_the_encoder_puts_the_pseudo_images() -> None:
    network, _, mean, _, _ = vamp()
    pseudo = scipy.special.expit(np.asarray(network.prior.pseudo_logits[...]))
    encoded = network.encode(jnp.asarray(pseudo))
    np.testing.assert_allclose(encoded.mean[:, 0], mean, rtol=1e-5, atol=1e-5)
    assert not np.allclose(mean[0], mean[1])


def test_vamp_responsibilities_are_the_posterior_of_the_component_averaged_over_samples() -> None:
    network, centres, mean, deviation, pi = vamp()
    z = RNG.normal(size=(5, 3, 2))
    joint = pi * scipy.stats.norm.pdf(z[:, :, None], mean, deviation).prod(axis=-1)
    expected = (joint / joint.sum(axis=-1, keepdims=True)).mean(axis=1)
    found = network.prior.log_responsibilities(None, jnp.asarray(z, jnp.float32), centres)
    np.testing.assert_allclose(np.exp(found), expected, rtol=1e-4, atol=1e-6)


def test_vamp_s_divergence_is_the_sampled_one_and_unbiased() -> None:
    network, centres, mean, deviation, pi = vamp()
    mu, log_var = posterior(network.plan, 1)
    sigma = np.exp(0.5 * log_var)
    z = mu + sigma * RNG.normal(size=(1, 20_000, 2))
    found = network.prior.divergence(jnp.asarray(mu), jnp.asarray(log_var), jnp.asarray(z, jnp.float32), centres)
    log_q = scipy.stats.norm.logpdf(z, mu, sigma).sum(axis=-1)
    log_p = np.log((pi * scipy.stats.norm.pdf(z[:, :, None], mean, deviation).prod(axis=-1)).sum(axis=-1))
    samples = log_q - log_p
    assert found.shape == (1, 1)
    np.testing.assert_allclose(found[0, 0], samples.mean(), rtol=1e-3)
    # an independent integral over a fine grid
    grid = np.stack(np.meshgrid(*[np.linspace(-9, 9, 900)] * 2), axis=-1).reshape(-1, 2)
    q = scipy.stats.norm.pdf(grid, mu[0, 0], sigma[0, 0]).prod(axis=-1)
    p = (pi * scipy.stats.norm.pdf(grid[:, None], mean, deviation).prod(axis=-1)).sum(axis=-1)
    exact = (q * (np.log(q + 1e-300) - np.log(p + 1e-300))).sum() * (18 / 899) ** 2
    assert abs(float(found[0, 0]) - exact) < 4 * samples.std() / np.sqrt(samples.size)


@pytest.mark.parametrize("layout", ["shared", "decentralized"])
def test_the_geometric_divergence_agrees_with_monte_carlo(layout: str) -> None:
    plan, parameters = built(prior_type="geometric_mog", latent_layout=layout, latent_dim=3)
    prior = bind(plan, parameters).prior
    mu, log_var = posterior(plan)
    found = np.asarray(prior.divergence(jnp.asarray(mu), jnp.asarray(log_var), jnp.zeros((3, 1, 3)), None))
    assert found.shape == (3, 4)
    sigma, draws = np.exp(0.5 * log_var), RNG.normal(size=(40_000, 1, 1, 3))
    z = mu + sigma * draws
    centres = np.array(plan.centres)
    samples = (scipy.stats.norm.logpdf(z, mu, sigma) - scipy.stats.norm.logpdf(z, centres)).sum(axis=-1)
    error = samples.std(axis=0) / np.sqrt(len(samples))
    assert (np.abs(found - samples.mean(axis=0)) < 4 * error).all()


def test_geometric_centres_stand_on_a_circle_or_a_grid() -> None:
    circle = np.array(geometric_centres("circle", 5, 3, 2.0))
    np.testing.assert_allclose(np.linalg.norm(circle, axis=1), 2.0)
    np.testing.assert_allclose(circle[0], [2, 0, 0], atol=1e-12)
    assert len(np.unique(np.round(np.diff(np.unwrap(np.arctan2(circle[:, 1], circle[:, 0]))), 9))) == 1
    grid = np.array(geometric_centres("grid", 9, 2, 3.0))
    assert sorted(map(tuple, grid)) == [(x, y) for x in (-3.0, 0.0, 3.0) for y in (-3.0, 0.0, 3.0)]


@pytest.mark.parametrize("prior", ["mixture", "vamp", "geometric_mog"])
def test_samples_follow_weights_and_their_density(prior: str) -> None:
    plan, parameters = built(prior_type=prior)
    weights = np.array([0.25] * 4)
    if prior != "geometric_mog":
        weights = np.array([0.5, 0.3, 0.15, 0.05])
        parameters[PI] = jnp.log(jnp.asarray(weights, jnp.float32))
    network = bind(plan, parameters)
    centres = network.centres()
    z, components = network.prior.sample(jax.random.key(0), 20_000, centres)
    np.testing.assert_allclose(np.bincount(components, minlength=4) / 20_000, weights, atol=0.015)
    density = np.asarray(network.prior.log_density(z[:, None], centres))
    assert density.shape == (20_000, 4)
    own = density[np.arange(20_000), components]
    # the mean log density of a normal's own draws is minus its entropy
    log_var = np.zeros((4, 2)) if centres is None else np.asarray(centres[1])
    expected = -(0.5 * (1 + np.log(2 * np.pi)) * 2 + 0.5 * log_var.sum(axis=1))
    for k in range(4):
        assert own[np.asarray(components) == k].mean() == pytest.approx(expected[k], abs=0.15)


@pytest.mark.parametrize("prior", ["vamp", "geometric_mog"])
def test_gradients_of_the_divergence_agree_with_finite_differences(prior: str) -> None:
    with jax.enable_x64():
        plan, parameters = built(prior_type=prior)
        exact = {name: jnp.asarray(np.asarray(value), jnp.float64) for name, value in parameters.items()}
        network = bind(plan, exact)
        centres = network.centres()
        mu, log_var = (jnp.asarray(a, jnp.float64) for a in posterior(plan, 2))
        noise = jnp.asarray(RNG.normal(size=(2, 3, 2)))

        def total(mean: jax.Array, spread: jax.Array) -> jax.Array:
            return network.prior.divergence(mean, spread, mean + jnp.exp(0.5 * spread) * noise, centres).sum()

        slopes = jax.grad(total, (0, 1))(mu, log_var)
        step = 1e-6
        for index, slope in enumerate(slopes):
            for place in np.ndindex(*mu.shape):
                ends = []
                for sign in (1, -1):
                    moved = [mu, log_var]
                    moved[index] = moved[index].at[place].add(sign * step)
                    ends.append(float(total(*moved)))
                assert float(slope[place]) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-7)


def test_every_prior_of_the_config_is_registered() -> None:
    assert set(PRIORS) == {"standard", "mixture", "vamp", "geometric_mog"}
