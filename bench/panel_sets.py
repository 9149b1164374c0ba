"""The panel: sets of images on which one recipe is judged, and from how many labels.

What a set is depends on nothing but its source and the seeds here, so that results of different days can be compared. MNIST sets hold 5,000
of its test images (made ones 2,000), all of which judge model and simple methods alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench.panel_making import cluttered, coloured, inverted, resized, rotated, uneven_rows, with_wrong_labels
from rcmvae.data import digits, fashion_mnist, mnist
from rcmvae.data.about import manifest_of
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.stratify import pick, proportional
from workbench.settings import Settings

SEED = 2024
"""Draws the made sets and the parts of large ones."""
MADE_TRAIN, MADE_TEST = 6_000, 2_000
MNIST_TEST = 5_000
_TRAIN, _TEST = range(2)
_PUBLISHED = "LeCun, Cortes and Burges"


@dataclass(frozen=True)
class PanelSet:
    """One set of the panel.

    Attributes:
        name: in addresses of results. title: for people. source: where the images come from, and how they were made.
        n_train: images outside the test part (validation images among them). n_test: held-out images. labels: given in a draw.
        classes: how many. load: reads or makes the set; raises `DatasetError` or OSError where its files are missing.
        held_out: looked at only once, at the end, to see whether the recipe holds on what it was not chosen by.
        wrong: share of the given labels that name another class.
        present: whether its files are there.
    """

    name: str
    title: str
    source: str
    n_train: int
    n_test: int
    labels: int
    classes: int
    load: Callable[[], LoadedDataset]
    held_out: bool = False
    wrong: float = 0.0
    present: Callable[[], bool] = lambda: True

    def given(self, labels: Mapping[int, int], draw: int) -> dict[int, int]:
        """The labels by row that a model sees of those drawn."""
        return with_wrong_labels(labels, self.classes, draw, share=self.wrong) if self.wrong else dict(labels)


def _data() -> Path:
    """TRELLIS_DATA; an empty place without it."""
    return Settings.load().data or Path("/nonexistent")


def _set(images: np.ndarray, labels: np.ndarray, n_train: int, names: tuple[str, ...], source: str) -> LoadedDataset:
    """A dataset of images whose first `n_train` are not its test part."""
    truth, test = labels.astype(np.int32), np.arange(n_train, len(images), dtype=np.int32)
    return LoadedDataset(images, truth, test, manifest_of(images, truth, test, names, source=source, loader_version=1))


def _part(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Positions of `count` images, classes in proportion."""
    strata, counts = np.unique(labels, return_counts=True)
    return pick(labels, strata, proportional(counts, count), (SEED, seed))


def _split(whole: LoadedDataset) -> tuple[np.ndarray, np.ndarray]:
    """Rows outside the test part, and those of it."""
    return np.setdiff1d(np.arange(len(whole.images)), whole.test), np.asarray(whole.test)


def _drawn(read: Callable[[Settings], LoadedDataset], n_train: int, n_test: int, name: str) -> LoadedDataset:
    """A part of a published set, classes in proportion."""
    whole = read(Settings.load())
    train, test = _split(whole)
    rows = np.concatenate([train[_part(whole.true_labels[train], n_train, _TRAIN)], test[_part(whole.true_labels[test], n_test, _TEST)]])
    return _set(whole.images[rows], whole.true_labels[rows], n_train, whole.class_names, name)


def _made(name: str, make: Callable[[np.ndarray], np.ndarray]) -> LoadedDataset:
    """Images of MNIST made into others."""
    part = _drawn(mnist.load, MADE_TRAIN, MADE_TEST, name)
    return _set(make(part.images), part.true_labels, MADE_TRAIN, part.class_names, name)


def _uneven(name: str, ratio: float) -> LoadedDataset:
    """Images of MNIST of which the first class has `ratio` times as many as the last; the test part stays even."""
    whole = mnist.load(Settings.load())
    train, test = _split(whole)
    rows = train[uneven_rows(whole.true_labels[train], MADE_TRAIN, SEED, ratio=ratio)]
    both = np.concatenate([rows, test[_part(whole.true_labels[test], MADE_TEST, _TEST)]])
    return _set(whole.images[both], whole.true_labels[both], len(rows), whole.class_names, name)


def _archive(name: str) -> LoadedDataset:
    """A set that lies in TRELLIS_DATA in Trellis's own import format."""
    with np.load(_data() / "images" / f"{name}.npz", allow_pickle=False) as file:
        images, labels, names, test = (file[part] for part in ("images", "labels", "names", "test"))
    images = images if images.ndim == 4 else images[..., None]
    rows = np.concatenate([np.setdiff1d(np.arange(len(images)), test), test])
    return _set(images[rows], labels[rows], len(images) - len(test), tuple(map(str, names)), name)


def _has(*parts: str) -> Callable[[], bool]:
    return lambda: (_data().joinpath(*parts)).exists()


def _of_mnist(name: str, title: str, n_train: int, labels: int) -> PanelSet:
    load = partial(_drawn, mnist.load, n_train, MNIST_TEST, name)
    return PanelSet(name, title, _PUBLISHED, n_train, MNIST_TEST, labels, 10, load, present=_has("mnist"))


def _of_made(name: str, title: str, how: str, make: Callable[[np.ndarray], np.ndarray], **more: bool | float) -> PanelSet:
    source, load = f"MNIST, {how}", partial(_made, name, make)
    return PanelSet(name, title, source, MADE_TRAIN, MADE_TEST, 100, 10, load, present=_has("mnist"), **more)  # type: ignore[arg-type]


def _of_cifar(labels: int) -> PanelSet:
    load = partial(_archive, "cifar10_small")
    title = f"Small CIFAR-10, {labels:,} labels"
    return PanelSet(
        f"cifar10_{labels}", title, "Krizhevsky 2009, 500 test images of each class", 4_000, 1_000, labels, 10, load,
        present=_has("images", "cifar10_small.npz"),
    )  # fmt: skip


PANEL: tuple[PanelSet, ...] = (
    PanelSet("digits", "Digits, 128 labels", "scikit-learn, 8x8 pixels", 1_437, 360, 128, 10, digits.load),
    PanelSet(
        "semeion", "Semeion, 100 labels", "Buscema, UCI repository, 16x16 pixels, black and white", 1_200, 393, 100, 10,
        partial(_archive, "semeion"), present=_has("images", "semeion.npz"),
    ),
    _of_mnist("mnist_100", "MNIST, 100 labels", 60_000, 100),
    _of_mnist("mnist_1000", "MNIST, 1,000 labels", 60_000, 1_000),
    _of_mnist("mnist_small", "MNIST, 2,000 images, 100 labels", 2_000, 100),
    PanelSet(
        "fashion_mnist", "Fashion-MNIST, 100 labels", "Xiao, Rasul and Vollgraf 2017", 60_000, MNIST_TEST, 100, 10,
        partial(_drawn, fashion_mnist.load, 60_000, MNIST_TEST, "fashion_mnist"), present=_has("fashion_mnist"),
    ),
    _of_cifar(500),
    _of_cifar(1_000),
    _of_made("mnist_rotated", "MNIST, turned by up to 45 degrees", "turned by up to 45 degrees (Larochelle et al. 2007)", partial(rotated, seed=SEED)),
    _of_made("mnist_inverted", "MNIST, dark on light", "inverted", inverted),
    _of_made(
        "mnist_coloured", "MNIST in random colours", "foreground and background of random colour (after Arjovsky et al. 2019)",
        partial(coloured, seed=SEED),
    ),
    _of_made("mnist_16", "MNIST at 16x16", "resized by area", partial(resized, size=16)),
    _of_made(
        "mnist_colour_32", "MNIST in random colours at 32x32", "of random colour, resized by area",
        lambda images: coloured(resized(images, 32), SEED),
    ),
    _of_made("mnist_wrong_labels", "MNIST, 20 % of the labels wrong", "symmetric label noise (Angluin and Laird 1988)", np.array, wrong=0.2),
    _of_made(
        "mnist_cluttered", "MNIST, cluttered", "with pieces of other digits (after Mnih et al. 2014)", partial(cluttered, seed=SEED),
        held_out=True,
    ),
    PanelSet(
        "mnist_imbalanced", "MNIST, classes 20 to 1", "MNIST, long-tailed (Cui et al. 2019)", MADE_TRAIN, MADE_TEST, 100, 10,
        partial(_uneven, "mnist_imbalanced", 20.0), held_out=True, present=_has("mnist"),
    ),
)  # fmt: skip
"""Two are held out: they are looked at only once, at the end."""

BY_NAME: Mapping[str, PanelSet] = {each.name: each for each in PANEL}
