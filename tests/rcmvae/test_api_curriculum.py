"""The Python API of a model whose curriculum has opened only some of its components."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import rcmvae
from rcmvae.training.density import DensityEstimator
from tests.support.small_rcmvae import blobs

IMAGES, LABELS = blobs(48)
SEEN = np.where(np.arange(48) < 18, LABELS, -1)
ARCHITECTURE: dict[str, Any] = {"num_components": 4, "hidden_dims": (16, 8), "decoder_conditioning": "film", "latent_layout": "decentralized"}
TRAINING: dict[str, Any] = {
    "batch_size": 16, "labelled_batch_size": 6, "learning_rate": 1e-2, "max_epochs": 2, "dropout_rate": 0.0, "curriculum_enabled": True,
}  # fmt: skip
OPEN = np.array([1, 1, 0, 0], np.float32)


@pytest.fixture(scope="module")
def model() -> rcmvae.RCMVAE:
    """A model with two of four components open."""
    fresh = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, seed=1, training=TRAINING)
    fresh.fit(IMAGES[:40], SEEN[:40], validation_images=IMAGES[40:])
    return fresh


def test_the_density_is_that_of_open_components_alone(model: rcmvae.RCMVAE) -> None:
    predictor = model._asked()
    expected = DensityEstimator(predictor.recipe, predictor.parameters, jnp.asarray(OPEN)).log_likelihood(IMAGES[:5], samples=60)
    np.testing.assert_array_equal(model.log_likelihood(IMAGES[:5], 60), expected)


def test_samples_come_from_open_components_without_a_warning(model: rcmvae.RCMVAE) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = model.sample(64, 3)
    assert set(drawn.components) == {0, 1}
