"""AdamW, its masks and the step size."""

from __future__ import annotations

import itertools
from typing import Any, cast

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from rcmvae.training.optimiser import HEAD_FEATURES, adamw, decays, global_norm, learning_rate, share_of_step, trains
from tests.support.small_rcmvae import small_recipe


def test_weights_decay_and_biases_norms_embeddings_and_pi_do_not() -> None:
    assert decays("encoder.layers.0.kernel")
    assert decays("decoder.conditioners.0.gamma.kernel")
    for name in ("encoder.layers.0.bias", "encoder.norms.0.scale", "encoder.norms.0.bias", "decoder.embeddings", "prior.pi_logits"):
        assert not decays(name)


def test_a_step_equals_optax_s_adamw_with_clipping_and_a_mask() -> None:
    recipe = small_recipe(weight_decay=0.1, grad_clip_norm=0.5, learning_rate=0.01, learning_rate_schedule="constant")
    rng = np.random.default_rng(0)
    parameters = {
        n: jnp.asarray(rng.normal(size=(3, 2)), jnp.float32) for n in ("encoder.a.kernel", "encoder.a.bias", "decoder.embeddings")
    }
    mask = {name: name.endswith("kernel") for name in parameters}
    chain = optax.chain(optax.clip_by_global_norm(0.5), optax.adamw(0.01, weight_decay=0.1, mask=mask))
    zeros = {n: jnp.zeros((3, 2)) for n in parameters}
    mine, first, second, count = parameters, zeros, zeros, jnp.int32(0)
    theirs, state = parameters, chain.init(parameters)
    for _ in range(4):
        gradients = {n: jnp.asarray(rng.normal(size=(3, 2)), jnp.float32) for n in parameters}
        mine, first, second, count = adamw(recipe, mine, gradients, global_norm(gradients), first, second, count, jnp.float32(0.01))
        updates, state = chain.update(gradients, state, theirs)
        theirs = optax.apply_updates(theirs, updates)
    assert int(count) == 4
    for name in parameters:
        np.testing.assert_allclose(np.asarray(mine[name]), np.asarray(cast(Any, theirs)[name]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "head", "pi"),
    [({}, False, True), ({"use_tau_classifier": False}, True, True), ({"learnable_pi": False}, False, False)],
)
def test_the_head_rests_while_tau_classifies_and_pi_while_it_is_fixed(changes: dict[str, Any], head: bool, pi: bool) -> None:
    recipe = small_recipe(**changes)
    assert trains("head.output.kernel", recipe) is head
    assert trains("prior.pi_logits", recipe) is pi
    assert trains("encoder.layers.0.kernel", recipe)


def test_the_heads_of_a_convolutional_encoder_step_by_a_share_that_falls_with_their_features() -> None:
    wide = jnp.zeros((4 * HEAD_FEATURES, 3))
    conv = small_recipe(encoder_type="conv", decoder_type="conv")
    for head in ("logits", "mean", "log_var"):
        assert share_of_step(f"encoder.{head}.kernel", wide, conv) == 0.25
        assert share_of_step(f"encoder.{head}.kernel", wide[:HEAD_FEATURES], conv) == 1.0
        assert share_of_step(f"encoder.{head}.kernel", wide, small_recipe()) == 1.0
    assert share_of_step("encoder.layers.0.kernel", wide, conv) == 1.0
    start = {"encoder.logits.kernel": wide, "encoder.layers.0.kernel": wide}
    gradients = {name: jnp.ones_like(value) for name, value in start.items()}
    moved, *_ = adamw(conv, start, gradients, global_norm(gradients), start, start, jnp.int32(0), jnp.float32(0.01))
    np.testing.assert_allclose(np.asarray(moved["encoder.logits.kernel"]), 0.25 * np.asarray(moved["encoder.layers.0.kernel"]), rtol=1e-6)
    assert np.abs(np.asarray(moved["encoder.layers.0.kernel"])).min() > 0


def test_a_cosine_falls_from_the_peak_to_a_twentieth_over_the_run() -> None:
    recipe = small_recipe(learning_rate=0.4, max_epochs=10)
    rates = [float(learning_rate(recipe, jnp.int32(e), jnp.int32(p))) for e in range(10) for p in range(recipe.steps)]
    assert rates[0] == pytest.approx(0.4)
    assert all(b < a for a, b in itertools.pairwise(rates))
    assert float(learning_rate(recipe, jnp.int32(10), jnp.int32(0))) == pytest.approx(0.02)
    halfway = float(learning_rate(recipe, jnp.int32(5), jnp.int32(0)))
    assert halfway == pytest.approx((0.4 + 0.02) / 2)


def test_a_constant_rate_stays() -> None:
    recipe = small_recipe(learning_rate=0.03, learning_rate_schedule="constant")
    assert float(learning_rate(recipe, jnp.int32(7), jnp.int32(2))) == pytest.approx(0.03)
