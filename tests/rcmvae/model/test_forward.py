"""The forward pass under each way of routing, against decoding every component by hand."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.config import resolve
from rcmvae.model.extras import MixtureExtras
from rcmvae.model.likelihood import Observation
from rcmvae.model.network import Network, bind, create
from rcmvae.model.plan import plan_of
from rcmvae.model.routing import Routing, RoutingContext, evaluation_context

RNG = np.random.default_rng(0)
IMAGES = jnp.asarray(RNG.random((6, 8, 8, 1)), jnp.float32)
OBSERVATION = Observation("bce")


def built(**values: Any) -> Network:
    plan = plan_of(
        resolve(
            {
                "input_shape": (8, 8, 1), "num_classes": 3, "num_components": 4, "hidden_dims": (12, 8), "component_embedding_dim": 3,
                "decoder_conditioning": "film", **values,
            }
        )
    )  # fmt: skip
    return bind(plan, create(plan, 0))


def forward(network: Network, routing: Routing, **changes: Any) -> MixtureExtras:
    context: RoutingContext = evaluation_context(jnp.zeros((1, 1, 1))).replace(**changes)  # pyright: ignore[reportAttributeAccessIssue]
    encoded = network.encode(IMAGES)
    noise = jnp.asarray(np.random.default_rng(5).normal(size=encoded.mean.shape), jnp.float32)
    return network.extras(IMAGES, encoded, network.latents(encoded, noise), context, OBSERVATION, routing, network.centres())


@pytest.mark.parametrize("layout", ["shared", "decentralized"])
def test_gating_decodes_the_largest_and_says_which_share_they_hold(layout: str) -> None:
    network = built(latent_layout=layout)
    whole, gated = forward(network, Routing()), forward(network, Routing(top_m=2))
    r = np.asarray(whole.responsibilities)
    chosen = np.argsort(-r, axis=1)[:, :2]
    np.testing.assert_allclose(
        gated.negative_log_likelihood, np.take_along_axis(np.asarray(whole.negative_log_likelihood), chosen, 1), rtol=1e-5
    )
    kept = np.take_along_axis(r, chosen, axis=1)
    np.testing.assert_allclose(gated.decoded_responsibilities, kept / kept.sum(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(gated.responsibilities, whole.responsibilities)
    assert gated.component_kl.shape == whole.component_kl.shape


@pytest.mark.parametrize("layout", ["shared", "decentralized"])
def test_soft_embeddings_decode_once_on_the_average(layout: str) -> None:
    network = built(latent_layout=layout)
    soft = forward(network, Routing(soft_embeddings=True), embeds_softly=jnp.ones((), bool))
    r = np.asarray(soft.responsibilities)
    z = np.einsum("bk,bkd->bd", r, np.asarray(soft.z)) if layout == "decentralized" else np.asarray(soft.z)[:, 0]
    embedding = r @ np.asarray(network.decoder.table)
    decoded = network.decode(jnp.asarray(z)[:, None], embeddings=jnp.asarray(embedding)[:, None])
    expected = OBSERVATION.negative_log_likelihood(IMAGES.reshape(6, -1), decoded)
    np.testing.assert_allclose(soft.negative_log_likelihood, np.broadcast_to(expected, (6, 4)), rtol=1e-5)
    after = forward(network, Routing(soft_embeddings=True), embeds_softly=jnp.zeros((), bool))
    np.testing.assert_allclose(after.negative_log_likelihood, forward(network, Routing()).negative_log_likelihood, rtol=1e-5)


def test_soft_embeddings_move_the_router_only_after_its_warm_up() -> None:
    network = built()
    encoded = network.encode(IMAGES)

    def loss(logits: jax.Array, learns: float) -> jax.Array:
        changed = encoded.replace(log_responsibilities=jax.nn.log_softmax(logits))  # pyright: ignore[reportAttributeAccessIssue]
        context = evaluation_context(jnp.zeros((1, 1, 1))).replace(  # pyright: ignore[reportAttributeAccessIssue]
            embeds_softly=jnp.ones((), bool), router_learns=jnp.float32(learns)
        )
        out = network.extras(IMAGES, changed, encoded.mean, context, OBSERVATION, Routing(soft_embeddings=True), None)
        return jnp.sum(out.routing_weights * out.negative_log_likelihood)

    slopes = [np.abs(np.asarray(jax.grad(loss)(encoded.component_logits, learns))).max() for learns in (0.0, 1.0)]
    assert slopes[0] < 1e-4 < slopes[1]


def test_a_vamp_prior_reconstructs_once_and_reads_responsibilities_off_its_samples() -> None:
    network = built(prior_type="vamp", decoder_conditioning="none", component_embedding_dim=None)
    encoded, centres = network.encode(IMAGES), network.centres()
    z = network.latents(encoded, jnp.asarray(RNG.normal(size=(6, 3, 2)), jnp.float32))
    moved = network.resampled(encoded, z, centres)
    out = network.extras(IMAGES, moved, z, evaluation_context(z), OBSERVATION, Routing(), centres)
    assert out.negative_log_likelihood.shape == out.routing_weights.shape == (6, 1)
    assert out.responsibilities.shape == (6, 4)
    np.testing.assert_allclose(out.responsibilities.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(out.z, z[:, :1])
    assert out.component_kl.shape == (6, 1)


def test_components_of_a_geometric_prior_that_decode_alike_are_told_apart_by_their_centres() -> None:
    network = built(prior_type="geometric_mog", decoder_conditioning="none", component_embedding_dim=None)
    out = forward(network, Routing())
    assert out.negative_log_likelihood.shape == (6, 4)
    assert np.ptp(np.asarray(out.negative_log_likelihood), axis=1).max() == 0
    assert out.component_kl.shape == (6, 4)
    assert np.ptp(np.asarray(out.component_kl), axis=1).min() > 0
