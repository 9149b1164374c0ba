"""The simple methods: scikit-learn's, each with one recipe for all data.

Each gets the images and labels that the model trained with and is judged on the images that the model is judged on. What a
method costs is bounded by the number of values that it may read; beyond it takes part of the labels, evenly over classes, and says so.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rcmvae.simple.words import TITLES

FEW_VALUES, MANY_VALUES = 4_000_000, 16_000_000
"""Values (images x pixels) that a method may fit: one that iterates over them, and one that only compares."""
MOST_KERNEL = 4_000
"""Labelled images of a kernel matrix."""
PASSES = 200_000
"""Images that the MLP sees in training, all epochs together, at most; and never fewer than 20 epochs or more than 300."""


@dataclass(frozen=True)
class Known:
    """What a method may see.

    Attributes:
        labelled: float32 (L, P) in [0, 1]. classes: int (L,). unlabelled: float32 (U, P), the other training images.
    """

    labelled: np.ndarray
    classes: np.ndarray
    unlabelled: np.ndarray


@dataclass(frozen=True)
class Answer:
    """What a method says of the held-out images: int (H,), and how much of the labels it used, if not all."""

    classes: np.ndarray
    note: str = ""


@dataclass(frozen=True)
class Method:
    """One method: its key and `answer(known, held)` with `held` float32 (H, P)."""

    name: str
    answer: Callable[[Known, np.ndarray], Answer]


def logistic_regression(known: Known, held: np.ndarray) -> Answer:
    """Multinomial logistic regression on pixels, L2 with C = 1."""
    from sklearn.linear_model import LogisticRegression

    images, classes, note = _within(known, FEW_VALUES)
    return Answer(np.asarray(LogisticRegression(max_iter=200).fit(images, classes).predict(held)), note)


def nearest_neighbours(known: Known, held: np.ndarray) -> Answer:
    """The five nearest labelled images by Euclidean distance, weighted by it; fewer where there are fewer labels."""
    from sklearn.neighbors import KNeighborsClassifier

    images, classes, note = _within(known, MANY_VALUES)
    model = KNeighborsClassifier(min(5, len(classes)), weights="distance").fit(images, classes)
    return Answer(np.asarray(model.predict(held)), note)


def support_vector_machine(known: Known, held: np.ndarray) -> Answer:
    """Support vector machines, one against one, with C = 10 and the kernel exp(-|a - b|^2 / (P v)), v the variance of labelled pixels.

    The kernel is computed as a product of matrices, which is several times as fast as the library's own.
    """
    from sklearn.metrics.pairwise import rbf_kernel
    from sklearn.svm import SVC

    pixels = known.labelled.shape[1]
    images, classes, note = _within(known, min(FEW_VALUES, MOST_KERNEL * pixels))
    gamma = 1 / (pixels * (float(images.var()) or 1.0))
    model = SVC(C=10.0, kernel="precomputed").fit(rbf_kernel(images, gamma=gamma), classes)
    return Answer(np.asarray(model.predict(rbf_kernel(held, images, gamma=gamma))), note)


def label_spreading(known: Known, held: np.ndarray) -> Answer:
    """Label spreading over the graph of the seven nearest neighbours of all training images (Zhou et al. 2004)."""
    from sklearn.semi_supervised import LabelSpreading

    images, classes, note = _within(known, FEW_VALUES)
    room = max(0, FEW_VALUES // images.shape[1] - len(images))
    chosen = np.random.default_rng(0).permutation(len(known.unlabelled))[:room]
    if len(chosen) < len(known.unlabelled):
        note = ", ".join(filter(None, (note, f"{len(chosen):,} of {len(known.unlabelled):,} unlabelled images")))
    both = np.concatenate([images, known.unlabelled[chosen]])
    given = np.concatenate([classes, np.full(len(chosen), -1)])
    model = LabelSpreading(kernel="knn", n_neighbors=min(7, len(both)), alpha=0.2, max_iter=100).fit(both, given)
    return Answer(np.asarray(model.predict(held)), note)


def perceptron(known: Known, held: np.ndarray) -> Answer:
    """A multilayer perceptron with one hidden layer of 256 units, trained with Adam."""
    from sklearn.neural_network import MLPClassifier

    images, classes, note = _within(known, FEW_VALUES)
    epochs = int(np.clip(PASSES // len(classes), 20, 300))
    model = MLPClassifier((256,), max_iter=epochs, random_state=0).fit(images, classes)
    return Answer(np.asarray(model.predict(held)), note)


_ANSWERS = {
    "nearest_neighbours": nearest_neighbours, "logistic_regression": logistic_regression,
    "support_vector_machine": support_vector_machine, "label_spreading": label_spreading, "perceptron": perceptron,
}  # fmt: skip

METHODS = tuple(Method(name, _ANSWERS[name]) for name in TITLES)


def answer_of(method: Method, known: Known, held: np.ndarray) -> Answer:
    """What a method says, without scikit-learn's remarks on training that was cut short."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return method.answer(known, held)


def _within(known: Known, values: int) -> tuple[np.ndarray, np.ndarray, str]:
    """The labelled images and their classes that fit into so many values, evenly over classes; and what was left out, in words."""
    most, n = max(1, values // known.labelled.shape[1]), len(known.classes)
    if n <= most:
        return known.labelled, known.classes, ""
    order = np.random.default_rng(0).permutation(n)
    # the first of every class, then the second of every class, and so on
    by_class = order[np.argsort(known.classes[order], kind="stable")]
    _, starts, counts = np.unique(known.classes[by_class], return_index=True, return_counts=True)
    turn = np.arange(n) - np.repeat(starts, counts)
    chosen = np.sort(by_class[np.argsort(turn, kind="stable")[:most]])
    return known.labelled[chosen], known.classes[chosen], f"{most:,} of {n:,} labels"
