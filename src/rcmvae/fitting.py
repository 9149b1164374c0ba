"""What a call of `RCMVAE.fit` is given: arrays as a run's data, and settings that must go together with them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from rcmvae.config import Architecture, Training
from rcmvae.data.spread import variance_of
from rcmvae.facts import ImageFacts
from rcmvae.family import RCMVAE as MODEL_TYPE
from rcmvae.images import check_images, check_labels
from rcmvae.training.arrays import RunData
from workbench.fields import with_name
from workbench.values import validate_start


def data_of(
    images: np.ndarray,
    labels: np.ndarray | None,
    validation_images: np.ndarray | None,
    validation_labels: np.ndarray | None,
    *,
    shape: tuple[int, int, int],
    classes: int,
) -> RunData:
    """The arrays given to a fit (see `RCMVAE.fit`) as a run's data. Raises ValueError for arrays that do not fit the model."""
    pictures = check_images(images, shape)
    known = check_labels(labels, len(pictures), classes)
    if validation_images is None:
        if validation_labels is not None:
            raise ValueError("validation_labels need validation_images")
        held = pictures[:0]
    else:
        held = check_images(validation_images, shape)
    held_labels = check_labels(validation_labels, len(held), classes)
    rows = np.arange(len(pictures) + len(held), dtype=np.int32)
    return RunData(pictures, known, rows[: len(pictures)], held, held_labels, rows[len(pictures) :])


def check_tau(tau: np.ndarray, components: int, classes: int) -> np.ndarray:
    """`tau` as float32 (K, Y). Raises ValueError unless each of its rows shares out the classes."""
    found = np.asarray(tau, np.float32)
    if not components or not classes or found.shape != (components, classes):
        raise ValueError(f"tau must have shape ({components} components, {classes} classes) (got {found.shape})")
    if not ((found > 0).all() and np.allclose(found.sum(axis=1), 1, atol=1e-3)):
        raise ValueError("each row of tau must be shares of classes: above 0, and 1 together")
    return found


def unknown_facts(shape: tuple[int, ...], class_names: tuple[str, ...]) -> ImageFacts:
    """What validation asks about data that is not known yet."""
    unknown = 1 << 30
    return ImageFacts(shape=shape, n=unknown, class_names=class_names, n_train=unknown, n_test=0, has_labels=bool(class_names))


def known_facts(data: RunData, class_names: tuple[str, ...]) -> ImageFacts:
    """What validation asks about the data of a fit."""
    count = len(data.images) + len(data.validation_images)
    return ImageFacts(
        shape=data.images.shape[1:],
        n=count,
        class_names=class_names,
        n_train=count,
        n_test=0,
        n_labelled=len(data.labelled),
        n_labelled_validation=int((data.validation_labels >= 0).sum()),
        n_validation=len(data.validation_images),
        vocabulary=len(class_names),
        variance=variance_of(data.images),
        has_labels=bool(class_names),
    )


def settings_for(
    data: RunData, architecture: Architecture, training: Training, changes: Mapping[str, Any], class_names: tuple[str, ...]
) -> Training:
    """The training settings with `changes`, as far as a run on `data` may start with them.

    Raises ConfigError naming every field that is wrong. What is worth saying of them but refuses nothing is a Python warning.
    """
    values = {"architecture": architecture.model_dump(), "training": {**training.model_dump(), **changes}}
    checked = validate_start(MODEL_TYPE, values, known_facts(data, class_names))
    _, settings = checked.configs()
    for problem in checked.warnings:
        if problem.path in Training.model_fields:
            warnings.warn(with_name(problem.path, problem.message), stacklevel=3)
    return cast(Training, settings)
