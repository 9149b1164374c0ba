"""The encoder: shapes for any image, nothing shared between images of a batch, a calm start."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.config import resolve
from rcmvae.model.network import bind, create
from rcmvae.model.plan import conv_stages, plan_of

SHAPES = ((8, 8, 1), (28, 28, 1), (32, 32, 3), (17, 23, 1))


def plan(shape: tuple[int, int, int], **values: Any):
    return plan_of(
        resolve({"input_shape": shape, "num_classes": 3, "num_components": 4, "hidden_dims": (9, 6), "conv_channels": (3, 4, 5), **values})
    )


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("network", ["dense", "conv"])
def test_any_image_size_is_encoded_and_decoded_to_its_own_shape(shape: tuple[int, int, int], network: str) -> None:
    numbers = plan(shape, encoder_type=network, decoder_type=network, latent_layout="decentralized", decoder_conditioning="film")
    model = bind(numbers, create(numbers, 0))
    images = jnp.asarray(np.random.default_rng(0).random((2, *shape)), jnp.float32)
    encoded = model.encode(images)
    assert encoded.component_logits.shape == (2, 4)
    assert encoded.mean.shape == encoded.log_var.shape == (2, 4, 2)
    np.testing.assert_allclose(jnp.exp(encoded.log_responsibilities).sum(axis=1), 1.0, rtol=1e-5)
    assert model.decode(encoded.mean).output.shape == (2, 4, np.prod(shape))


@pytest.mark.parametrize("network", ["dense", "conv"])
def test_an_image_is_encoded_alike_whoever_shares_its_batch(network: str) -> None:
    numbers = plan((8, 8, 1), encoder_type=network)
    model = bind(numbers, create(numbers, 0))
    images = jnp.asarray(np.random.default_rng(0).random((5, 8, 8, 1)), jnp.float32)
    together, alone = model.encode(images), model.encode(images[2:3])
    np.testing.assert_allclose(together.mean[2], alone.mean[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(together.component_logits[2], alone.component_logits[0], rtol=1e-5, atol=1e-6)


def test_sigma_starts_near_one_and_log_variances_stay_within_ten() -> None:
    numbers = plan((28, 28, 1))
    parameters = create(numbers, 0)
    images = jnp.asarray(np.random.default_rng(0).random((50, 28, 28, 1)), jnp.float32)
    assert float(jnp.abs(bind(numbers, parameters).encode(images).log_var).max()) < 0.2
    parameters["encoder.log_var.bias"] += 50.0
    assert float(bind(numbers, parameters).encode(images).log_var.max()) == 10.0


def test_maps_are_halved_at_most_twice_and_never_below_four_pixels() -> None:
    assert [s.out_size for s in conv_stages((28, 28, 1), (1, 2, 3))] == [(14, 14), (7, 7), (7, 7)]
    assert [s.out_size for s in conv_stages((8, 8, 1), (1, 2, 3))] == [(4, 4), (4, 4), (4, 4)]
    assert [s.out_size for s in conv_stages((17, 23, 1), (1, 2))] == [(9, 12), (5, 6)]
    assert [s.stride for s in conv_stages((6, 30, 1), (1, 2))] == [1, 1]


def test_the_same_seed_gives_the_same_parameters_and_another_seed_others() -> None:
    numbers = plan((8, 8, 1))
    first, again, other = create(numbers, 3), create(numbers, 3), create(numbers, 4)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["encoder.layers.0.kernel"], other["encoder.layers.0.kernel"])


def test_weights_start_with_he_s_variance() -> None:
    numbers = plan((28, 28, 1), hidden_dims=(200, 100))
    kernel = np.asarray(create(numbers, 0)["encoder.layers.1.kernel"])
    assert kernel.std() == pytest.approx(np.sqrt(2 / 200), rel=0.03)
    assert kernel.mean() == pytest.approx(0.0, abs=0.005)
