"""Affine views against SciPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage

from rcmvae.choices import choices_of, numbers_of
from rcmvae.config_training import Training
from rcmvae.model.routing import ViewDraws
from rcmvae.training.augmentation import affine, augment, augments, background, recoloured

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
        behind = np.asarray(background(jnp.asarray(IMAGES[index : index + 1])))[0].astype(np.float64)
        expected = by_scipy(IMAGES[index] - behind, angles[index], scales[index], tuple(shifts[index])) + behind
        np.testing.assert_allclose(found[index], expected, atol=2e-5)


def test_no_change_gives_the_image_itself() -> None:
    still = affine(jnp.asarray(IMAGES), jnp.zeros((4, 1)), jnp.ones((4, 1)), jnp.zeros((4, 2)))
    np.testing.assert_allclose(still, IMAGES, atol=1e-6)


def test_a_whole_shift_moves_pixels_and_leaves_the_background_behind() -> None:
    shift = jnp.tile(jnp.array([[2.0, -1.0]]), (4, 1))
    moved = np.asarray(affine(jnp.asarray(IMAGES), jnp.zeros((4, 1)), jnp.ones((4, 1)), shift))
    np.testing.assert_allclose(moved[:, 2:, :-1], IMAGES[:, :-2, 1:], atol=1e-6)
    behind = np.asarray(background(jnp.asarray(IMAGES)))
    np.testing.assert_allclose(moved[:, :2], np.broadcast_to(behind, (4, 2, 12, 3)), atol=1e-6)
    np.testing.assert_allclose(moved[:, :, -1:], np.broadcast_to(behind, (4, 9, 1, 3)), atol=1e-6)


def test_the_background_is_what_most_of_an_images_edge_shows() -> None:
    images = np.full((2, 6, 7, 1), 0.25, np.float32)
    images[1] = 1.0
    images[:, 1:5, 1:6] = RNG.random((2, 4, 5, 1))
    images[:, 0, :3] = 0.9
    np.testing.assert_allclose(np.asarray(background(jnp.asarray(images)))[:, 0, 0, 0], [0.25, 1.0], atol=1e-6)


def view_of(field: str, value: float) -> np.ndarray:
    """A view of each image by one setting alone."""
    settings = Training.model_validate({field: value})
    assert augments(choices_of(settings))
    colours = jnp.asarray(RNG.uniform(-1, 1, (4, 2, 3)), jnp.float32) if field == "augment_colour" else None
    draws = ViewDraws(jnp.asarray(RNG.uniform(-1, 1, (4, 4)), jnp.float32), colours)
    return np.asarray(augment(jnp.asarray(IMAGES), draws, numbers_of(settings)))


@pytest.mark.parametrize(
    ("field", "value"), [("augment_shift", 1), ("augment_rotation", 20.0), ("augment_scale", 0.4), ("augment_colour", 0.5)]
)
def test_each_setting_alone_changes_views_and_values_stay_in_range(field: str, value: float) -> None:
    view = view_of(field, value)
    assert np.abs(view - IMAGES).max() > 0.05
    assert view.min() >= -1e-6
    assert view.max() <= 1.0 + 1e-6


def test_half_of_the_images_are_mirrored_left_to_right() -> None:
    settings = Training(augment_flip=True)
    assert augments(choices_of(settings))
    draws = ViewDraws(jnp.zeros((4, 4)), None, jnp.array([-0.3, 0.2, -1.0, 0.0]))
    seen = np.asarray(augment(jnp.asarray(IMAGES), draws, numbers_of(settings)))
    np.testing.assert_allclose(seen[[0, 2]], IMAGES[[0, 2], :, ::-1], atol=1e-6)
    np.testing.assert_allclose(seen[[1, 3]], IMAGES[[1, 3]], atol=1e-6)


def test_colours_change_by_contrast_about_each_channels_mean_and_by_brightness() -> None:
    draws = np.array([[[0.5, 0.0, -1.0], [0.2, -0.4, 0.0]]], np.float32)
    image = 0.5 + 0.05 * RNG.standard_normal((1, 9, 12, 3)).astype(np.float32)
    found = np.asarray(recoloured(jnp.asarray(image), jnp.asarray(draws), jnp.float32(0.6)))
    middle = image.mean(axis=(1, 2), keepdims=True)
    expected = middle + (image - middle) * np.array([1.3, 1.0, 0.4]) + np.array([0.06, -0.12, 0.0])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_without_settings_nothing_is_augmented() -> None:
    assert not augments(choices_of(Training()))
