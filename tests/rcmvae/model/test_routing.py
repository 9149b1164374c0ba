"""The routing context: what a step draws, and what reaches the router."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import scipy.stats

from rcmvae.config import resolve
from rcmvae.config_training import Training
from rcmvae.model.plan import plan_of
from rcmvae.model.routing import RoutingContext, routing_weights, standard_normal, training_context, unit_interval
from rcmvae.scalars import scalars_of

PLAN = plan_of(resolve({"input_shape": (8, 8, 1), "num_classes": 3, "num_components": 4, "hidden_dims": (30, 20), "latent_dim": 5}))


def context(settings: Training, epoch: int = 0, seed: int = 0) -> RoutingContext:
    return training_context(
        settings, scalars_of(settings), PLAN, rows=400, augmented=True, life_epoch=jnp.int32(epoch), key=jax.random.key(seed)
    )


def test_latent_noise_is_standard_normal_and_affine_draws_are_uniform() -> None:
    found = context(Training())
    assert found.latent_noise.shape == (400, 1, 5)
    assert scipy.stats.kstest(np.asarray(found.latent_noise).ravel(), "norm").pvalue > 0.01
    assert found.affine_draws is not None
    assert scipy.stats.kstest((np.asarray(found.affine_draws).ravel() + 1) / 2, "uniform").pvalue > 0.01


def test_dropout_draws_fit_the_hidden_layers_and_are_uniform() -> None:
    found = context(Training(dropout_rate=0.2))
    assert found.dropout_draws is not None
    assert [d.size for d in found.dropout_draws] == [400 * 30, 400 * 20]
    assert found.head_draws is not None
    shares = np.concatenate([np.asarray(d).ravel() for d in (*found.dropout_draws, found.head_draws)]) / 2**16
    assert scipy.stats.kstest(shares, "uniform").pvalue > 0.01


def test_without_dropout_nothing_is_drawn_for_it() -> None:
    found = context(Training(dropout_rate=0.0))
    assert found.dropout_draws is None
    assert found.head_draws is None


def test_the_same_key_gives_the_same_noise_and_another_key_other_noise() -> None:
    first, again, other = (np.asarray(context(Training(), seed=seed).latent_noise) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_extreme_bits_stay_finite() -> None:
    extremes = jnp.asarray(np.array([0, 2**32 - 1, 2**31], np.uint32))
    assert np.isfinite(np.asarray(standard_normal(extremes))).all()
    assert float(unit_interval(extremes).max()) < 1.0


def test_reconstruction_reaches_the_router_only_after_the_warm_up() -> None:
    settings = Training(routing_warmup_epochs=3)

    def slope(epoch: int) -> np.ndarray:
        cost = jnp.array([1.0, 2.0, 4.0])
        return np.asarray(
            jax.grad(lambda y: (routing_weights(jax.nn.log_softmax(y), context(settings, epoch)) * cost).sum())(jnp.zeros((1, 3)))
        )

    assert not slope(2).any()
    assert slope(3).any()


def test_anneal_factors_follow_the_life_epoch() -> None:
    settings = Training(kl_z_anneal_epochs=4, kl_c_anneal_epochs=2, consistency_warmup_epochs=1, consistency_ramp_epochs=2)
    found = [context(settings, epoch) for epoch in range(4)]
    np.testing.assert_allclose([float(c.kl_z_factor) for c in found], [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose([float(c.kl_c_factor) for c in found], [0.5, 1.0, 1.0, 1.0])
    np.testing.assert_allclose([float(c.consistency_factor) for c in found], [0.0, 0.5, 1.0, 1.0])
