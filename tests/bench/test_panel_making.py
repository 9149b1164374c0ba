"""Sets made by fixed procedures: the same for everybody, of the shape and range that are told, and true to their labels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from scipy import ndimage

from bench import panel_making
from bench.panel_making import cluttered, coloured, inverted, resized, rotated, uneven_rows, with_wrong_labels

SEED = 7


@pytest.fixture
def images() -> np.ndarray:
    """Twelve dark images with a bright shape off their middle."""
    made = np.zeros((12, 28, 28, 1), np.uint8)
    for n in range(12):
        made[n, 6 + n % 3 : 20, 8 : 12 + n % 5] = 200 + n
    return made


PROCEDURES: dict[str, tuple[Callable[[np.ndarray], np.ndarray], tuple[int, int, int]]] = {
    "rotated": (partial(rotated, seed=SEED), (28, 28, 1)),
    "inverted": (inverted, (28, 28, 1)),
    "cluttered": (partial(cluttered, seed=SEED), (28, 28, 1)),
    "coloured": (partial(coloured, seed=SEED), (28, 28, 3)),
    "smaller": (partial(resized, size=16), (16, 16, 1)),
    "larger": (partial(resized, size=32), (32, 32, 1)),
}


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_procedure_makes_the_same_images_each_time_and_leaves_its_input(name: str, images: np.ndarray) -> None:
    make, shape = PROCEDURES[name]
    before = images.copy()
    made = make(images)
    assert made.shape == (12, *shape)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made, make(images))
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("make", [rotated, cluttered, coloured])
def test_another_seed_makes_other_images(make: Callable[..., np.ndarray], images: np.ndarray) -> None:
    assert (make(images, 1) != make(images, 2)).any()


def test_images_turn_as_scipy_turns_them_by_no_more_than_was_told(images: np.ndarray) -> None:
    angles = np.random.default_rng([SEED, 1]).uniform(-45, 45, len(images))
    made = rotated(images, SEED)
    for before, after, angle in zip(images, made, angles, strict=True):
        expected = ndimage.rotate(before[..., 0].astype(float), -angle, reshape=False, order=1, mode="grid-constant")
        assert np.abs(expected - after[..., 0]).max() <= 1
    np.testing.assert_array_equal(rotated(images, SEED, degrees=0.0), images)


def test_clutter_adds_light_and_takes_none_and_is_of_other_images(images: np.ndarray) -> None:
    made = cluttered(images, SEED)
    assert (made >= images).all()
    added = made > images
    assert 0 < added.sum(axis=(1, 2, 3)).max() <= panel_making.PATCHES * panel_making.PATCH**2
    for n in range(len(images)):
        assert not np.isin(made[n][added[n]], images[n].max()).any() or (images[n] == images[n].max()).any()
    alone = np.zeros_like(images)
    alone[3] = 255
    assert not (cluttered(alone, SEED)[3] != 255).any()
    assert (cluttered(alone, SEED)[np.arange(12) != 3] <= 255).all()


def test_colours_lie_between_two_that_are_apart_and_keep_the_shape(images: np.ndarray) -> None:
    images[:, 0, 0], images[:, 27, 27] = 0, 255
    made = coloured(images, SEED).astype(float) / 255
    back, front = made[:, 0, 0], made[:, 27, 27]
    assert np.linalg.norm(front - back, axis=1).min() > panel_making.LEAST_CONTRAST - 0.01
    expected = back[:, None, None] + images / 255 * (front - back)[:, None, None]
    np.testing.assert_allclose(made, expected, atol=0.01)
    assert len(np.unique(np.round(back, 2), axis=0)) == len(images), "each image has colours of its own"


@pytest.mark.parametrize("size", [7, 16, 32])
def test_resizing_by_area_keeps_the_mean_and_is_exact_where_sizes_divide(size: int, images: np.ndarray) -> None:
    made = resized(images, size)
    np.testing.assert_allclose(made.mean(axis=(1, 2)), images.mean(axis=(1, 2)), atol=0.6)
    if size == 7:
        blocks = images.reshape(12, 7, 4, 7, 4, 1).mean(axis=(2, 4))
        np.testing.assert_array_equal(made, np.rint(blocks).astype(np.uint8))


def test_as_many_labels_are_wrong_as_told_and_each_names_another_class() -> None:
    labels = {10 * n: n % 10 for n in range(100)}
    found = with_wrong_labels(labels, 10, SEED, share=0.2)
    assert found == with_wrong_labels(labels, 10, SEED, share=0.2)
    assert found != with_wrong_labels(labels, 10, SEED + 1, share=0.2)
    assert found.keys() == labels.keys()
    assert sum(found[row] != labels[row] for row in labels) == 20
    assert set(found.values()) <= set(range(10))
    many = with_wrong_labels(dict.fromkeys(range(9_000), 4), 10, SEED, share=1.0)
    counts = np.bincount(list(many.values()), minlength=10)
    assert counts[4] == 0
    assert counts[np.arange(10) != 4].min() > 850, "each other class is as likely"


def test_classes_fall_geometrically_from_the_first_to_the_last() -> None:
    labels = np.repeat(np.arange(10), 2_000)
    rows = uneven_rows(labels, 6_000, SEED, ratio=20.0)
    counts = np.bincount(labels[rows])
    assert len(rows) == len(np.unique(rows)) == 6_000
    assert counts[0] / counts[-1] == pytest.approx(20, rel=0.02)
    steps = counts[:-1] / counts[1:]
    np.testing.assert_allclose(steps, 20 ** (1 / 9), rtol=0.02)
    with pytest.raises(ValueError, match="class 0 has 2000 images"):
        uneven_rows(labels, 60_000, SEED, ratio=20.0)
