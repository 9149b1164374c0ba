"""Importance sampling against numerical integration over a grid of latents, in NumPy float64."""

from __future__ import annotations

import itertools
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats

from rcmvae.model.network import PI, create
from rcmvae.training import density
from rcmvae.training.density import DensityEstimator
from rcmvae.training.recipe import Recipe
from tests.support.small_rcmvae import small_data, small_recipe

WIDTH = "encoder.log_var.bias"

KINDS: dict[str, dict[str, Any]] = {
    "standard": {"prior_type": "standard", "latent_dim": 1},
    "standard in two dimensions": {"prior_type": "standard"},
    "mixture shared": {"decoder_conditioning": "film", "latent_dim": 1},
    "mixture decentralized": {"decoder_conditioning": "film", "latent_layout": "decentralized", "latent_dim": 1},
    "vamp": {"prior_type": "vamp", "latent_dim": 1},
    "geometric shared": {"prior_type": "geometric_mog", "geometric_radius": 1.0, "decoder_conditioning": "film"},
    "geometric shared, unconditioned": {"prior_type": "geometric_mog", "geometric_radius": 1.0, "decoder_conditioning": "none"},
    "geometric decentralized": {"prior_type": "geometric_mog", "geometric_radius": 1.0, "latent_layout": "decentralized"},
    "gaussian": {"prior_type": "standard", "latent_dim": 1, "reconstruction_loss": "mse"},
    "heteroscedastic": {
        "latent_dim": 1, "reconstruction_loss": "mse", "use_heteroscedastic_decoder": True, "latent_layout": "decentralized",
    },
}  # fmt: skip


def built(**changes: Any) -> tuple[Recipe, dict[str, Any]]:
    """A recipe and parameters that are not at their start, with uneven weights."""
    if changes.get("prior_type") in ("standard", "vamp"):
        changes = {"component_embedding_dim": "auto", **changes}
    recipe = small_recipe(**changes)
    rng = np.random.default_rng(1)
    parameters = {n: v + jnp.asarray(rng.normal(size=v.shape) * 0.3, jnp.float32) for n, v in create(recipe.plan, 0).items()}
    if PI in parameters:
        parameters[PI] = jnp.array([0.0, 1.0, -1.0, 0.5])
    # a wide posterior near the prior's middle: importance sampling then has light tails, so that few samples tell right from wrong
    parameters[WIDTH] = parameters[WIDTH] + 1.2
    for name, scale in (("encoder.mean.kernel", 0.4), ("encoder.log_var.kernel", 0.3)):
        parameters[name] = parameters[name] * scale
    return recipe, parameters


def integrated(recipe: Recipe, parameters: dict[str, Any], images: np.ndarray, is_open: np.ndarray | None = None) -> np.ndarray:
    """log p(x) = log sum_c pi_c int p(z | c) p(x | z, c) dz by the trapezoidal rule on a grid, float64 (N,); c runs over open components."""
    plan, network = recipe.plan, recipe.bind(parameters)
    axis = np.linspace(-9, 9, 4001 if plan.latent == 1 else 241)
    grid = np.array(list(itertools.product(axis, repeat=plan.latent)))
    cell = (axis[1] - axis[0]) ** plan.latent
    weights = np.full(plan.components, 1 / plan.components)
    if PI in parameters:
        weights = scipy.special.softmax(np.asarray(parameters[PI], float))
    shown = np.ones(plan.components, bool) if is_open is None else is_open
    weights = np.where(shown, weights, 0) / weights[shown].sum()
    means, deviations = np.zeros((plan.components, plan.latent)), np.ones((plan.components, plan.latent))
    if plan.prior == "geometric_mog":
        means = np.array(plan.centres)
    if plan.prior == "vamp":
        centres = network.centres()
        assert centres is not None
        means, deviations = np.asarray(centres[0], float), np.exp(0.5 * np.asarray(centres[1], float))
    decoded = network.decode(jnp.broadcast_to(jnp.asarray(grid, jnp.float32)[:, None], (len(grid), plan.posteriors, plan.latent)))
    output = np.asarray(decoded.output, float)
    x = images.reshape(len(images), -1).astype(float)
    totals = []
    for k in np.flatnonzero(shown):
        head = output[:, min(k, output.shape[1] - 1)]
        if plan.likelihood == "bce":
            log_x = x @ head.T - np.logaddexp(0, head).sum(axis=1)
        else:
            sigma = np.full((1, len(grid), 1), float(recipe.numbers.observation_sigma))
            if plan.likelihood == "heteroscedastic":
                assert decoded.raw_sigma is not None
                low, high = float(recipe.numbers.sigma_min), float(recipe.numbers.sigma_max)
                raw = np.asarray(decoded.raw_sigma, float)[:, k]
                sigma = (low + (high - low) * scipy.special.expit(raw + 0.5 * np.log(low / high)))[None, :, None]
            log_x = scipy.stats.norm.logpdf(x[:, None], scipy.special.expit(head)[None], sigma).sum(axis=2)
        log_z = scipy.stats.norm.logpdf(grid, means[k], deviations[k]).sum(axis=1)
        totals.append(np.log(weights[k]) + scipy.special.logsumexp(log_x + log_z, axis=1) + np.log(cell))
    return np.asarray(scipy.special.logsumexp(totals, axis=0))


def pictures(recipe: Recipe, count: int = 5) -> np.ndarray:
    images = small_data().images[:count]
    return (images > np.random.default_rng(2).random(images.shape)).astype(np.float32) if recipe.plan.likelihood == "bce" else images


@pytest.mark.parametrize("kind", KINDS)
def test_importance_sampling_agrees_with_numerical_integration(kind: str) -> None:
    agree(*built(**KINDS[kind]))


@pytest.mark.parametrize("kind", ["mixture shared", "mixture decentralized", "geometric decentralized"])
def test_components_that_a_curriculum_has_not_opened_have_no_part_in_the_density(kind: str) -> None:
    agree(*built(**KINDS[kind]), is_open=np.array([True, False, True, False]))


def agree(recipe: Recipe, parameters: dict[str, Any], is_open: np.ndarray | None = None) -> None:
    """The estimates' mean lies within four standard errors of the integral."""
    images = pictures(recipe)
    exact = integrated(recipe, parameters, images, is_open)
    estimator = DensityEstimator(recipe, parameters, None if is_open is None else jnp.asarray(is_open, jnp.float32))
    runs = np.array([estimator.log_likelihood(images, samples=1000, seed=seed) for seed in range(24)], float)
    # p(x) itself is estimated without bias, its logarithm is not
    ratios = np.exp(runs - exact)
    error = ratios.std(axis=0, ddof=1) / np.sqrt(len(runs))
    assert error.max() < 0.06, "too noisy to tell"
    assert (np.abs(ratios.mean(axis=0) - 1) < 4 * error + 2e-3).all(), (ratios.mean(axis=0), error)


def test_one_seed_gives_one_answer_whatever_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, parameters = built(**KINDS["mixture shared"])
    images = pictures(recipe, 20)
    first = DensityEstimator(recipe, parameters).log_likelihood(images, samples=70, seed=3)
    monkeypatch.setattr(density, "MOST_IMAGES", 3)
    assert DensityEstimator(recipe, parameters).batch_size == 3
    np.testing.assert_allclose(DensityEstimator(recipe, parameters).log_likelihood(images, samples=70, seed=3), first, rtol=1e-5)
    other = DensityEstimator(recipe, parameters).log_likelihood(images, samples=70, seed=4)
    assert np.abs(other - first).max() > 1e-4
    fewer = DensityEstimator(recipe, parameters).log_likelihood(images[:7], samples=70, seed=3)
    np.testing.assert_allclose(fewer, first[:7], rtol=1e-5)


def test_more_samples_tighten_the_bound_and_one_sample_is_the_bound_itself() -> None:
    recipe, parameters = built(**KINDS["standard"])
    images = pictures(recipe, 20)
    estimator = DensityEstimator(recipe, parameters)
    means = [np.mean([estimator.log_likelihood(images, samples=s, seed=seed).mean() for seed in range(4)]) for s in (1, 10, 1000)]
    assert means[0] < means[1] < means[2]


def test_samples_past_the_last_chunk_do_not_count() -> None:
    recipe, parameters = built(**KINDS["vamp"])
    images = pictures(recipe)
    estimator = DensityEstimator(recipe, parameters)
    many = [estimator.log_likelihood(images, samples=s, seed=0) for s in (density.CHUNK, density.CHUNK + 1)]
    # adding one draw to fifty moves log of the mean by at most log(51/50) downwards
    assert (many[1] > many[0] - np.log((density.CHUNK + 1) / density.CHUNK) - 1e-4).all()
    with pytest.raises(ValueError, match="at least 1"):
        estimator.log_likelihood(images, samples=0)


def test_a_batch_stays_within_the_memory_bound() -> None:
    wide, _ = built(prior_type="vamp", num_components=40, latent_dim=512)
    assert DensityEstimator(wide, {}).batch_size * density.CHUNK * 40 * 512 <= density.EVALUATION_FLOATS
