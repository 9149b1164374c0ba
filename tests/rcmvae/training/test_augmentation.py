"""Affine views against SciPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage

from rcmvae.choices import choices_of, numbers_of
from rcmvae.config_training import Training
from rcmvae.training.augmentation import affine, augment, augments

RNG = np.random.default_rng(0)
IMAGES = RNG.random((4, 9, 12, 3)).astype(np.float32)


def by_scipy(image: np.ndarray, angle: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    """The view of one image by map_coordinates: output pixel p shows centre + R(angle) / scale (p - shift - centre)."""
    height, width, channels = image.shape
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
    grid = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), axis=-1) - np.array(shift) - centre
    source = grid @ turn.T + centre
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    return np.stack(
        [scipy.ndimage.map_coordinates(padded[..., c], (source + 1).transpose(2, 0, 1), order=1, cval=0.0) for c in range(channels)], -1
    )


def test_views_agree_with_scipy() -> None:
    angles, scales = RNG.uniform(-0.5, 0.5, 4), RNG.uniform(0.7, 1.3, 4)
    shifts = RNG.uniform(-3, 3, (4, 2))
    found = affine(*(jnp.asarray(a, jnp.float32) for a in (IMAGES, angles[:, None], scales[:, None], shifts)))
    for index in range(4):
        expected = by_scipy(IMAGES[index].astype(np.float64), angles[index], scales[index], tuple(shifts[index]))
        np.testing.assert_allclose(found[index], expected, atol=2e-5)


def test_no_change_gives_the_image_itself() -> None:
    still = affine(jnp.asarray(IMAGES), jnp.zeros((4, 1)), jnp.ones((4, 1)), jnp.zeros((4, 2)))
    np.testing.assert_allclose(still, IMAGES, atol=1e-6)


def test_a_whole_shift_moves_pixels_and_leaves_black_behind() -> None:
    moved = np.asarray(affine(jnp.asarray(IMAGES), jnp.zeros((4, 1)), jnp.ones((4, 1)), jnp.tile(jnp.array([[2.0, -1.0]]), (4, 1))))
    np.testing.assert_allclose(moved[:, 2:, :-1], IMAGES[:, :-2, 1:], atol=1e-6)
    assert not moved[:, :2].any()
    assert not moved[:, :, -1].any()


@pytest.mark.parametrize("field", ["augment_shift", "augment_rotation", "augment_scale"])
def test_each_setting_alone_changes_views_and_values_stay_in_range(field: str) -> None:
    settings = Training.model_validate({field: 1 if field == "augment_shift" else 0.4 if field == "augment_scale" else 20.0})
    assert augments(choices_of(settings))
    draws = jnp.asarray(RNG.uniform(-1, 1, (4, 4)), jnp.float32)
    view = np.asarray(augment(jnp.asarray(IMAGES), draws, numbers_of(settings)))
    assert np.abs(view - IMAGES).max() > 0.05
    assert view.min() >= 0
    assert view.max() <= 1.0 + 1e-6


def test_without_settings_nothing_is_augmented() -> None:
    assert not augments(choices_of(Training()))
