"""One training step: padding, the moving average of usage, what labels may influence."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.model.routing import training_context
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import TrainState
from rcmvae.training.step import Batch, current_tau, loss_and_outputs, metric_names, train_step
from tests.support.small_rcmvae import blobs, small_data, small_recipe, started

IMAGES, LABELS = blobs(20)

loss_and_slopes = jax.jit(jax.value_and_grad(loss_and_outputs, has_aux=True), static_argnums=4)
one_step = jax.jit(train_step, static_argnums=2)


def batch(rows: int, padding: int = 0, labelled: bool = True) -> Batch:
    images = np.concatenate([IMAGES[:rows], np.full((padding, 8, 8, 1), 0.77, np.float32)])
    weights = np.concatenate([np.ones(rows), np.zeros(padding)]).astype(np.float32)
    shown = (jnp.asarray(IMAGES[:6]), jnp.asarray(LABELS[:6])) if labelled else (None, None)
    return Batch(jnp.asarray(images), jnp.asarray(weights), *shown)


def run(state: TrainState, data: Batch, recipe: Recipe, noise_rows: int) -> tuple[float, dict[str, float], dict[str, np.ndarray]]:
    """Loss, metrics and gradients with noise that is the same for the same row."""
    rows = data.images.shape[0] + (6 if data.labels is not None else 0)
    context = training_context(
        recipe.choices,
        recipe.numbers,
        recipe.plan,
        rows=noise_rows,
        decoded=data.images.shape[0],
        augmented=False,
        life_epoch=jnp.int32(20),
        key=jax.random.key(1),
    )
    whole = np.asarray(context.latent_noise)
    noise = np.concatenate([whole[: data.images.shape[0]], whole[-6:]]) if data.labels is not None else whole[:rows]
    context = replace(context, latent_noise=jnp.asarray(noise))
    (loss, out), slopes = loss_and_slopes(state.parameters, state, data, context, recipe)
    values = {name: float(metric.value) for name, metric in out.metrics.items()}
    return float(loss), values, {name: np.asarray(value) for name, value in slopes.items()}


@pytest.mark.parametrize("layout", ["shared", "decentralized"])
def test_a_padded_batch_has_the_loss_and_gradient_of_its_real_images(layout: str) -> None:
    changes = {"dropout_rate": 0.0, "latent_layout": layout, "decoder_conditioning": "film"}
    engine, state = started(**changes)
    plain = run(state, batch(9), engine.recipe, 22)
    padded = run(state, batch(9, padding=7), engine.recipe, 22)
    assert plain[0] == pytest.approx(padded[0], rel=1e-5)
    for name, value in plain[1].items():
        assert value == pytest.approx(padded[1][name], rel=1e-4, abs=1e-6), name
    for name, value in plain[2].items():
        np.testing.assert_allclose(value, padded[2][name], rtol=1e-3, atol=1e-5, err_msg=name)


def test_the_loss_is_the_weighted_sum_of_its_terms() -> None:
    engine, state = started(
        dropout_rate=0.0,
        recon_weight=0.5,
        kl_weight=2.0,
        kl_c_weight=3.0,
        label_weight=4.0,
        component_diversity_weight=5.0,
        kl_z_anneal_epochs=10,
    )
    loss, m, _ = run(state, batch(10), engine.recipe, 16)
    expected = 0.5 * m["reconstruction_loss"] + 2 * m["kl_z"] + 3 * m["kl_c"] + 4 * m["classification_loss"] + 5 * m["component_diversity"]
    assert loss == pytest.approx(expected, rel=1e-5)
    assert m["elbo"] == pytest.approx(-(m["reconstruction_loss"] + m["kl_z"] + m["kl_c"]), rel=1e-5)


def test_usage_is_a_moving_average_whose_gradient_is_the_current_batch_s() -> None:
    engine, state = started(dropout_rate=0.0, usage_ema_decay=0.9)
    state = replace(state, usage=jnp.array([0.7, 0.1, 0.1, 0.1]))
    recipe = engine.recipe
    context = training_context(
        recipe.choices, recipe.numbers, recipe.plan, rows=16, decoded=10, augmented=False, life_epoch=jnp.int32(9), key=jax.random.key(0)
    )
    (_, out), _ = loss_and_slopes(state.parameters, state, batch(10), context, engine.recipe)
    mean = np.asarray(out.responsibilities_sum) / 10
    np.testing.assert_allclose(out.usage, 0.9 * np.array([0.7, 0.1, 0.1, 0.1]) + 0.1 * mean, rtol=1e-5)
    gap = np.log(4) + float((np.asarray(out.usage) * np.log(np.asarray(out.usage))).sum())
    assert float(out.metrics["component_diversity"].value) == pytest.approx(gap, rel=1e-4)
    after = one_step(state, batch(10), engine.recipe)
    assert np.abs(np.asarray(after.usage) - np.asarray(state.usage)).max() > 1e-3


def test_a_step_counts_itself_and_sums_its_metrics() -> None:
    engine, state = started()
    after = one_step(state, batch(10, padding=6), engine.recipe)
    assert int(after.life_step) == int(after.position) == 1
    assert float(after.sums.images) == 10
    assert float(np.asarray(after.sums.sureness).sum()) == 10
    assert int(after.sums.broken) == -1
    assert np.asarray(after.sums.weights).max() == 10


def test_the_first_metric_that_is_not_finite_is_remembered_with_its_step() -> None:
    engine, state = started()
    state = replace(state, position=jnp.int32(3))
    good = batch(10)
    bad = replace(good, images=good.images.at[2].set(jnp.nan))
    after = one_step(state, bad, engine.recipe)
    assert metric_names(engine.recipe)[int(after.sums.broken)] == "reconstruction_loss"
    assert int(after.sums.broken_step) == 3
    later = one_step(after, good, engine.recipe)
    assert int(later.sums.broken_step) == 3


def test_without_labels_a_step_has_no_label_metric() -> None:
    names = metric_names(small_recipe(small_data(labelled=0)))
    assert not {"classification_loss", "accuracy"} & set(names)


def test_without_any_label_tau_is_uniform_whatever_is_claimed() -> None:
    recipe = small_recipe(small_data(labelled=0))
    tau = current_tau(jnp.ones((4, 3)) * jnp.arange(3), jnp.array([0, 1, 2, -1]), recipe)
    np.testing.assert_allclose(tau, 1 / 3, rtol=1e-6)


def test_a_claim_bends_tau_by_its_strength() -> None:
    claims = jnp.array([0, 1, 2, -1])
    weak, strong = (current_tau(jnp.ones((4, 3)), claims, small_recipe(tau_claim_strength=s)) for s in (0.0, 9.0))
    np.testing.assert_allclose(weak, 1 / 3, rtol=1e-6)
    np.testing.assert_allclose(np.diag(np.asarray(strong)[:3]), (10.01) / (12.03), rtol=1e-5)
