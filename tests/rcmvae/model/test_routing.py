"""The routing context: what a step draws, and what reaches the router."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
import scipy.stats

from rcmvae.choices import choices_of, numbers_of
from rcmvae.config import resolve
from rcmvae.config_training import Training
from rcmvae.model.plan import plan_of
from rcmvae.model.routing import (
    Routing,
    RoutingContext,
    evaluation_context,
    routing_of,
    routing_weights,
    standard_gumbel,
    standard_normal,
    training_context,
    unit_interval,
)

PLAN = plan_of(resolve({"input_shape": (8, 8, 1), "num_classes": 3, "num_components": 4, "hidden_dims": (30, 20), "latent_dim": 5}))


def context(settings: Training, epoch: int = 0, seed: int = 0) -> RoutingContext:
    return training_context(
        choices_of(settings),
        numbers_of(settings),
        PLAN,
        rows=400,
        decoded=300,
        augmented=True,
        life_epoch=jnp.int32(epoch),
        key=jax.random.key(seed),
    )


def test_latent_noise_is_standard_normal_and_affine_draws_are_uniform() -> None:
    found = context(Training())
    assert found.latent_noise.shape == (400, 1, 5)
    assert scipy.stats.kstest(np.asarray(found.latent_noise).ravel(), "norm").pvalue > 0.01
    assert found.view_draws is not None
    assert found.view_draws.colours is None
    assert scipy.stats.kstest((np.asarray(found.view_draws.places).ravel() + 1) / 2, "uniform").pvalue > 0.01


def test_colours_change_by_uniform_draws_that_leave_all_others_as_they_were() -> None:
    plain, found = context(Training()), context(Training(augment_colour=0.5))
    assert plain.view_draws is not None
    assert found.view_draws is not None
    assert found.view_draws.colours is not None
    assert found.view_draws.colours.shape == (400, 2, 1)
    both = context(Training(augment_colour=0.5, augment_flip=True)).view_draws
    assert both is not None
    assert both.sides is not None
    np.testing.assert_array_equal(both.colours, found.view_draws.colours)
    assert scipy.stats.kstest((np.asarray(both.sides) + 1) / 2, "uniform").pvalue > 0.01
    assert scipy.stats.kstest((np.asarray(found.view_draws.colours).ravel() + 1) / 2, "uniform").pvalue > 0.01
    np.testing.assert_array_equal(found.view_draws.places, plain.view_draws.places)
    np.testing.assert_array_equal(found.latent_noise, plain.latent_noise)


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
            jax.grad(lambda y: (routing_weights(jax.nn.log_softmax(y), context(settings, epoch), Routing())[0] * cost).sum())(
                jnp.zeros((1, 3))
            )
        )

    assert not slope(2).any()
    assert slope(3).any()


FIXED: dict[str, Any] = {"gumbel_temperature": 0.7, "gumbel_temperature_min": 0.7}
GUMBEL = Training(use_gumbel_softmax=True, use_straight_through_gumbel=False, routing_warmup_epochs=0, **FIXED)
HARD = Training(use_gumbel_softmax=True, routing_warmup_epochs=0, **FIXED)
LOG_R = jax.nn.log_softmax(jnp.asarray(np.random.default_rng(3).normal(size=(300, 4)), jnp.float32))


def route(settings: Training, log_r: jax.Array = LOG_R, epoch: int = 5) -> tuple[np.ndarray, np.ndarray | None]:
    weights, chosen = routing_weights(log_r, context(settings, epoch), routing_of(choices_of(settings), PLAN))
    return np.asarray(weights), None if chosen is None else np.asarray(chosen)


def test_gumbel_noise_has_its_distribution_and_comes_for_decoded_images_only() -> None:
    noise = context(GUMBEL).gumbel_noise
    assert noise is not None
    assert noise.shape == (300, 4)
    many = standard_gumbel(jax.random.bits(jax.random.key(0), (20_000,), jnp.uint32))
    assert scipy.stats.kstest(np.asarray(many), "gumbel_r").pvalue > 0.01
    assert np.isfinite(np.asarray(standard_gumbel(jnp.asarray(np.array([0, 2**32 - 1], np.uint32))))).all()


def test_sampled_routing_is_the_gumbel_softmax() -> None:
    weights, chosen = route(GUMBEL)
    noise = np.asarray(context(GUMBEL, 5).gumbel_noise)
    np.testing.assert_allclose(weights, scipy.special.softmax((np.asarray(LOG_R) + noise) / 0.7, axis=1), rtol=1e-4, atol=1e-6)
    assert chosen is None


def test_the_largest_of_noisy_weights_is_drawn_with_the_responsibilities() -> None:
    log_r = jnp.broadcast_to(jnp.log(jnp.array([0.6, 0.25, 0.1, 0.05])), (300, 4))
    draws = [
        np.asarray(routing_weights(log_r, context(HARD, 5, seed), routing_of(choices_of(HARD), PLAN))[0]).argmax(axis=1)
        for seed in range(40)
    ]
    np.testing.assert_allclose(np.bincount(np.concatenate(draws), minlength=4) / 12_000, [0.6, 0.25, 0.1, 0.05], atol=0.015)


def test_straight_through_is_one_hot_forwards_and_soft_backwards() -> None:
    weights, _ = route(HARD)
    np.testing.assert_allclose(np.sort(weights, axis=1)[:, -1], 1.0, atol=1e-6)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
    cost = jnp.array([1.0, -2.0, 3.0, 0.5])

    def slope(settings: Training) -> np.ndarray:
        total = lambda y: (routing_weights(y, context(settings, 5), routing_of(choices_of(settings), PLAN))[0] * cost).sum()  # noqa: E731
        return np.asarray(jax.grad(total)(LOG_R))

    np.testing.assert_allclose(slope(HARD), slope(GUMBEL), rtol=1e-4, atol=1e-6)
    assert np.abs(slope(HARD)).max() > 0.1


def test_evaluation_draws_nothing() -> None:
    calm = evaluation_context(jnp.zeros((300, 1, 5)))
    soft, _ = routing_weights(LOG_R, calm, routing_of(choices_of(GUMBEL), PLAN).evaluation)
    np.testing.assert_allclose(soft, np.exp(np.asarray(LOG_R)), rtol=1e-5)
    hard, _ = routing_weights(LOG_R, calm, routing_of(choices_of(HARD), PLAN).evaluation)
    assert np.array_equal(np.asarray(hard).argmax(axis=1), np.asarray(LOG_R).argmax(axis=1))
    assert set(np.unique(np.asarray(hard))) == {0.0, 1.0}


def test_gating_keeps_the_largest_and_renormalises_them() -> None:
    weights, chosen = route(Training(top_m_gating=2, routing_warmup_epochs=0))
    assert chosen is not None
    assert weights.shape == chosen.shape == (300, 2)
    r = np.exp(np.asarray(LOG_R))
    assert np.array_equal(np.sort(chosen, axis=1), np.sort(np.argsort(r, axis=1)[:, -2:], axis=1))
    kept = np.take_along_axis(r, chosen, axis=1)
    np.testing.assert_allclose(weights, kept / kept.sum(axis=1, keepdims=True), rtol=1e-5)
    assert routing_of(choices_of(Training(top_m_gating=4)), PLAN).top_m == 0
    hard, chosen = route(HARD.model_copy(update={"top_m_gating": 2}))
    noisy, _ = route(GUMBEL)
    assert chosen is not None
    assert np.array_equal(chosen[:, 0], noisy.argmax(axis=1))
    np.testing.assert_allclose(hard, np.broadcast_to([1.0, 0.0], (300, 2)), atol=1e-6)


def test_the_temperature_falls_from_start_to_minimum() -> None:
    settings = Training(use_gumbel_softmax=True, gumbel_temperature=2.0, gumbel_temperature_min=0.5, gumbel_temperature_anneal_epochs=4)
    found = [float(context(settings, epoch).temperature) for epoch in range(6)]
    np.testing.assert_allclose(found, [2.0, 1.625, 1.25, 0.875, 0.5, 0.5], rtol=1e-6)


def test_soft_embeddings_end_with_their_warm_up() -> None:
    settings = Training(soft_embedding_warmup_epochs=2)
    assert [bool(context(settings, epoch).embeds_softly) for epoch in range(4)] == [True, True, False, False]
    assert routing_of(choices_of(settings), PLAN).soft_embeddings
    assert not routing_of(choices_of(Training()), PLAN).soft_embeddings
