"""The Python API under a curriculum, and what a fit's data and settings make worth refusing or saying."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import rcmvae
from rcmvae.training.density import DensityEstimator
from rcmvae.training.errors import TrainingError
from tests.support.small_rcmvae import ARCHITECTURE, IMAGES, SEEN
from workbench.fields import ConfigError

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


def fresh(**training: Any) -> rcmvae.RCMVAE:
    values = {**TRAINING, "curriculum_enabled": False, "max_epochs": 1, **training}
    return rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, training=values)


def test_a_fit_that_the_data_refuse_is_an_error_and_changes_nothing() -> None:
    without = fresh(curriculum_enabled=True)
    with pytest.raises(ConfigError, match="curriculum_enabled: watches validation reconstruction"):
        without.fit(IMAGES, SEEN)
    plain = fresh()
    with pytest.raises(ConfigError, match="curriculum_enabled: watches validation reconstruction"):
        plain.fit(IMAGES, SEEN, training={"curriculum_enabled": True})
    with pytest.raises(ConfigError, match="accuracy needs labelled validation images"):
        plain.fit(IMAGES[:40], SEEN[:40], training={"monitor_metric": "accuracy"}, validation_images=IMAGES[40:])
    with pytest.raises(TrainingError, match="needs an accelerator"):
        plain.fit(IMAGES, SEEN, training={"matmul_precision": "bfloat16"})
    assert not plain.fitted
    assert plain.training == fresh().training


def test_settings_without_effect_on_the_data_are_python_warnings() -> None:
    with pytest.warns(UserWarning, match="monitor_metric: accuracy has no effect"):
        fresh(monitor_metric="accuracy").fit(IMAGES, SEEN)
    with pytest.warns(UserWarning, match="label_weight: 0 although 18 images are labelled") as caught:
        fresh(label_weight=0.0).fit(IMAGES, SEEN)
    assert caught[0].filename == __file__


def test_a_curriculum_that_comes_too_late_closes_nothing_and_says_so() -> None:
    late = fresh()
    late.fit(IMAGES, SEEN)
    with pytest.warns(UserWarning, match="all 4 components are open"):
        late.fit(IMAGES[:40], SEEN[:40], training={"curriculum_enabled": True}, validation_images=IMAGES[40:])
    assert np.asarray(late._asked().active).tolist() == [1, 1, 1, 1]
