"""The simple methods on the real digits: what they reach, and what they leave out where there is much."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.simple import methods
from rcmvae.simple.methods import METHODS, Known, answer_of
from tests.rcmvae.diagnostics import toy

LABELS = 100


@pytest.fixture(scope="module")
def known() -> tuple[Known, np.ndarray, np.ndarray]:
    """100 labelled digits, 900 without, and 400 that are asked for with their classes."""
    images, labels = toy.digits()
    flat = (images / 255).astype(np.float32).reshape(len(images), -1)
    order = np.random.default_rng(2).permutation(len(images))
    given, free, asked = order[:LABELS], order[LABELS:1_000], order[1_000:1_400]
    return Known(flat[given], labels[given], flat[free]), flat[asked], labels[asked]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_each_recognises_most_digits_from_a_hundred_labels(method: methods.Method, known: tuple) -> None:
    given, asked, truth = known
    answer = answer_of(method, given, asked)
    assert answer.note == ""
    assert (answer.classes == truth).mean() > 0.8


def test_label_spreading_uses_the_unlabelled_images(known: tuple) -> None:
    given, asked, truth = known
    with_all = methods.label_spreading(given, asked).classes
    alone = methods.label_spreading(Known(given.labelled, given.classes, given.unlabelled[:0]), asked).classes
    assert (with_all == truth).mean() > (alone == truth).mean() + 0.02


def test_beyond_its_bound_a_method_takes_labels_evenly_over_classes_and_says_so(known: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    given, asked, _ = known
    monkeypatch.setattr(methods, "FEW_VALUES", 30 * given.labelled.shape[1])
    images, classes, note = methods._within(given, methods.FEW_VALUES)
    assert len(images) == 30
    assert note == "30 of 100 labels"
    counts = np.bincount(classes, minlength=10)
    assert counts.max() - counts.min() <= 1
    assert methods.label_spreading(given, asked).note == "30 of 100 labels, 0 of 900 unlabelled images"
    assert methods.nearest_neighbours(given, asked).note == ""


def test_two_labels_are_enough_for_each(known: tuple) -> None:
    given, asked, _ = known
    two = np.array([int(np.flatnonzero(given.classes == y)[0]) for y in (0, 1)])
    for method in METHODS:
        found = answer_of(method, Known(given.labelled[two], given.classes[two], given.unlabelled[:3]), asked)
        assert set(found.classes.tolist()) <= {0, 1}, method.name
