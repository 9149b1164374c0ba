"""From raw images to a dataset: what must hold for every source, and the test set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rcmvae.data.about import manifest_of
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.own.raw import MAX_CLASS_NAME, MAX_CLASSES, SIDES, UNKNOWN, RawImages
from rcmvae.data.own.repeats import repeats
from rcmvae.data.stratify import pick, proportional
from workbench.datasets import DatasetError
from workbench.printing import printable

LOADER_VERSION = 1
TEST_SHARE = 0.2
TEST_SEED = 2025
"""Chooses the test set; the same in every installation, so that the same images give the same dataset."""
_SHOWN = 10


@dataclass(frozen=True)
class ReadImages:
    """What was read: the dataset, the files left out with their reasons, and what a person should know of the data."""

    dataset: LoadedDataset
    skipped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def assemble(raw: RawImages) -> ReadImages:
    """The dataset that raw images make.

    Raises:
        DatasetError: for images of a wrong shape, too few of them, a class without any, or no image to test or train on.
    """
    _check_shape(raw)
    _check_classes(raw)
    test = np.flatnonzero(raw.test) if raw.test is not None else drawn_test(raw.labels)
    _check_test(raw, test)
    images, labels, test = np.ascontiguousarray(raw.images), raw.labels.astype(np.int32), test.astype(np.int32)
    for array in (images, labels, test):
        array.setflags(write=False)
    manifest = manifest_of(images, labels, test, raw.class_names, source=raw.source, loader_version=LOADER_VERSION)
    dataset = LoadedDataset(images=images, true_labels=labels, test=test, manifest=manifest)
    return ReadImages(dataset, raw.skipped, (*raw.notices, *repeats(images, labels, test)))


def drawn_test(labels: np.ndarray) -> np.ndarray:
    """Rows of a test set: a fifth of each class, and of the images of unknown class; every class keeps an image to train on.

    Args:
        labels: (N,), -1 unknown.
    """
    strata, counts = np.unique(labels, return_counts=True)
    quotas = proportional(counts, round(TEST_SHARE * len(labels)), most=counts - (strata != UNKNOWN))
    return pick(labels, strata, quotas, (TEST_SEED,))


def _check_shape(raw: RawImages) -> None:
    n, height, width, channels = raw.images.shape
    if n == 0:
        raise DatasetError(f"{raw.name} holds no images. Add some and import it again.")
    low, high = SIDES
    if not (low <= height <= high and low <= width <= high):
        what = "choose a size, such as 32x32" if raw.source == "folder" else "resize them"
        raise DatasetError(f"The images of {raw.name} have {height}x{width} pixels; {low} to {high} a side are possible. Please {what}.")
    if channels not in (1, 3):
        raise DatasetError(f"The images of {raw.name} have {channels} channels; 1 (grey) or 3 (red, green, blue) are possible.")


def _check_classes(raw: RawImages) -> None:
    classes = len(raw.class_names)
    if classes > MAX_CLASSES:
        raise DatasetError(f"{raw.name} has {classes:,} classes; at most {MAX_CLASSES:,} are possible.")
    _check_names(raw)
    if len(raw.labels) < classes:
        raise DatasetError(
            f"The {len(raw.labels)} images of {raw.name} are fewer than its {classes} classes. Add images, or use fewer classes."
        )
    counts = np.bincount(raw.labels[raw.labels != UNKNOWN], minlength=classes)
    empty = [name for name, count in zip(raw.class_names, counts, strict=True) if count == 0]
    if empty:
        raise DatasetError(f"{raw.name} has no image of {_classes(empty)}. Add one, or leave the class out.")


def _check_names(raw: RawImages) -> None:
    seen: set[str] = set()
    for name in raw.class_names:
        if not name or len(name) > MAX_CLASS_NAME or not printable(name):
            raise DatasetError(f"{raw.name} has a class named {name[:40]!r}; a name has 1 to {MAX_CLASS_NAME} printable characters.")
        if name.casefold() in seen:
            raise DatasetError(f"{raw.name} has two classes named {name}. Give each class a name of its own.")
        seen.add(name.casefold())


def _check_test(raw: RawImages, test: np.ndarray) -> None:
    if len(test) == 0 and raw.test is not None:
        raise DatasetError(f"The test set of {raw.name} is empty. Put images into it, or leave it out to have one drawn.")
    if len(test) == 0:
        raise DatasetError(
            f"{raw.name} has too few images to keep any for testing: {len(raw.images)} of {len(raw.class_names)} classes. Add images."
        )
    rest = np.delete(raw.labels, test)
    if len(rest) == 0:
        raise DatasetError(f"The test set of {raw.name} leaves no image to train on. Leave some images out of it.")
    counts = np.bincount(rest[rest != UNKNOWN], minlength=len(raw.class_names))
    untrained = [name for name, count in zip(raw.class_names, counts, strict=True) if count == 0]
    if untrained:
        raise DatasetError(f"{raw.name} has images of {_classes(untrained)} in its test set only. Move one to the training images.")


def _classes(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return f"the class {shown}" if len(names) == 1 else f"the classes {shown}"
