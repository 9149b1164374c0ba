"""Every conditioning, dense and convolutional, against a decoder written out in NumPy."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.config import resolve
from rcmvae.model.network import Parameters, bind, create
from rcmvae.model.plan import NetworkPlan, plan_of

spec = importlib.util.spec_from_file_location("decoder_reference", Path(__file__).with_name("reference.py"))
assert spec is not None
assert spec.loader is not None
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)

CONDITIONINGS = ("none", "concat", "component_aware", "film", "cin")
ARRANGED = [(c, layout) for c in CONDITIONINGS for layout in ("shared", "decentralized") if (c, layout) != ("none", "shared")]
"""With their layouts of the latent; without a conditioning components differ by their latents alone."""
NETWORKS: dict[str, dict[str, Any]] = {
    "dense": {"hidden_dims": (7, 6, 5)},
    "dense, one layer": {"hidden_dims": (7,), "normalization": "none"},
    "conv": {"decoder_type": "conv", "conv_channels": (3, 4, 5)},
    "conv, odd size": {"decoder_type": "conv", "conv_channels": (3, 4), "input_shape": (9, 13, 3)},
}


def random_model(**values: Any) -> tuple[NetworkPlan, Parameters]:
    """A plan and parameters away from their start, so that biases and norms count."""
    given = {"input_shape": (8, 8, 1), "num_classes": 2, "num_components": 3, "component_embedding_dim": 4, **values}
    if given["decoder_conditioning"] == "none":
        del given["component_embedding_dim"]
    plan = plan_of(resolve(given))
    rng = np.random.default_rng(5)
    parameters = create(plan, 0)
    return plan, {name: value + 0.1 * jnp.asarray(rng.normal(size=value.shape), jnp.float32) for name, value in parameters.items()}


@pytest.mark.parametrize(("conditioning", "layout"), ARRANGED)
@pytest.mark.parametrize("network", NETWORKS)
def test_the_decoder_equals_the_written_out_one(network: str, conditioning: str, layout: str) -> None:
    values = {**NETWORKS[network], "reconstruction_loss": "mse", "use_heteroscedastic_decoder": True}
    plan, parameters = random_model(decoder_conditioning=conditioning, latent_layout=layout, **values)
    z = np.random.default_rng(1).normal(size=(2, plan.posteriors, plan.latent)).astype(np.float32)
    decoded = jax.jit(lambda p, z: bind(plan, p).decode(z))(parameters, jnp.asarray(z))
    assert decoded.output.shape == (2, 3, plan.pixels)
    assert decoded.raw_sigma is not None
    exact = {name: np.asarray(value, np.float64) for name, value in parameters.items()}
    for image in range(2):
        for component in range(3):
            latent = z[image, component if plan.decentralized else 0].astype(np.float64)
            output, sigma = reference.decode(plan, exact, latent, component)
            np.testing.assert_allclose(decoded.output[image, component], output, rtol=2e-3, atol=2e-4)
            np.testing.assert_allclose(decoded.raw_sigma[image, component], sigma, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("network", ["dense", "conv"])
@pytest.mark.parametrize("conditioning", [c for c in CONDITIONINGS if c != "none"])
def test_components_differ_from_the_start(conditioning: str, network: str) -> None:
    plan = plan_of(
        resolve(
            {"input_shape": (8, 8, 1), "num_classes": 2, "num_components": 3, "decoder_conditioning": conditioning, **NETWORKS[network]}
        )
    )
    decoded = bind(plan, create(plan, 0)).decode(jnp.ones((1, 1, plan.latent)))
    images = np.asarray(jax.nn.sigmoid(decoded.output[0]))
    assert max(np.abs(images[a] - images[b]).max() for a in range(3) for b in range(a)) > 1e-3


def test_a_chosen_component_is_decoded_alone_by_its_embedding() -> None:
    plan, parameters = random_model(decoder_conditioning="film")
    network = bind(plan, parameters)
    z = jnp.ones((1, 1, plan.latent))
    everything = network.decode(z).output
    alone = network.decode(z, embeddings=parameters["decoder.embeddings"][None, 1:2]).output
    assert alone.shape == (1, 1, plan.pixels)
    np.testing.assert_allclose(alone[0, 0], everything[0, 1], rtol=1e-5)


@pytest.mark.parametrize(("conditioning", "layout"), ARRANGED)
@pytest.mark.parametrize("network", NETWORKS)
def test_components_chosen_for_each_row_are_decoded_as_all_would_be(network: str, conditioning: str, layout: str) -> None:
    values = {**NETWORKS[network], "reconstruction_loss": "mse", "use_heteroscedastic_decoder": True}
    plan, parameters = random_model(decoder_conditioning=conditioning, latent_layout=layout, **values)
    z = jnp.asarray(np.random.default_rng(1).normal(size=(3, plan.posteriors, plan.latent)), jnp.float32)
    chosen = jnp.array([[2, 0], [1, 2], [0, 1]])
    own = jnp.take_along_axis(z, chosen[:, :, None], axis=1) if plan.decentralized else z

    @jax.jit
    def both(parameters: dict[str, jax.Array]):
        model = bind(plan, parameters)
        return model.decode(z), model.decode(own, chosen=chosen)

    whole, gated = both(parameters)
    assert gated.output.shape == (3, 2, plan.pixels)
    np.testing.assert_allclose(gated.output, jnp.take_along_axis(whole.output, chosen[:, :, None], axis=1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(gated.raw_sigma, jnp.take_along_axis(whole.raw_sigma, chosen, axis=1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("conditioning", ["film", "component_aware", "concat"])
def test_only_chosen_components_are_decoded(conditioning: str) -> None:
    plan, parameters = random_model(decoder_conditioning=conditioning, hidden_dims=(7, 6, 5))
    chosen = jnp.zeros((11, 2), jnp.int32)
    jaxpr = str(jax.make_jaxpr(lambda z: bind(plan, parameters).decode(z, chosen=chosen).output)(jnp.ones((11, 1, plan.latent))))
    assert jaxpr.count("f32[11,2,64] = dot_general") == 1
    assert "f32[11,3," not in jaxpr


def test_in_the_shared_layout_layers_before_the_first_conditioned_one_run_once() -> None:
    plan, parameters = random_model(decoder_conditioning="component_aware", hidden_dims=(7, 6, 5))
    jaxpr = str(jax.make_jaxpr(lambda z: bind(plan, parameters).decode(z).output)(jnp.ones((11, 1, plan.latent))))
    # the latent's path of two layers for 11 rows, and only the layer after the join for 11 x 3
    assert jaxpr.count("f32[11,1,5] = dot_general") == 1
    assert jaxpr.count("f32[11,1,6] = dot_general") == 1
    assert jaxpr.count("f32[11,1,7] = dot_general") == 1
    assert jaxpr.count("f32[11,3,64] = dot_general") == 1
