"""A run's data as arrays: what lies on the device for the whole run, and what is drawn for each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

LABELLED_STEP = 128
"""Labelled sets are padded to a multiple of this, so that a few more labels compile nothing anew."""
RECOUNT_LIMIT = 5000
"""Above so many labelled images, epochs without a checkpoint recount over a fixed stratified part of this size."""


@dataclass(frozen=True)
class RunData:
    """Host arrays of a run. Only labels that the model may see are in it.

    Attributes:
        images: (n, H, W, C) training images. labels: (n,) int32, -1 unlabelled. rows: (n,) their dataset rows.
        validation_images, validation_labels, validation_rows: likewise.
    """

    images: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    validation_images: np.ndarray
    validation_labels: np.ndarray
    validation_rows: np.ndarray

    @property
    def labelled(self) -> np.ndarray:
        """Positions of labelled training images."""
        return np.flatnonzero(self.labels >= 0)


def run_data(images: np.ndarray, train: np.ndarray, validation: np.ndarray, labels: Mapping[int, int]) -> RunData:
    """Pick a run's data from a dataset: rows `train` and `validation`, and visible `labels` by row."""

    def known(rows: np.ndarray) -> np.ndarray:
        return np.fromiter((labels.get(int(row), -1) for row in rows), np.int32, len(rows))

    train, validation = np.asarray(train, np.int32), np.asarray(validation, np.int32)
    return RunData(images[train], known(train), train, images[validation], known(validation), validation)


def pad_rows(array: np.ndarray, count: int) -> np.ndarray:
    """`array` with rows of zeros (for labels: 0) added up to `count`."""
    missing = count - len(array)
    return array if missing == 0 else np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)])


def round_up(count: int, step: int) -> int:
    """The least multiple of `step` that holds `count`, at least one step."""
    return max(1, -(-count // step)) * step


def stratified_part(labels: np.ndarray, limit: int) -> np.ndarray:
    """At most `limit` positions of `labels`, sorted, classes in proportion, the same every time."""
    if len(labels) <= limit:
        return np.arange(len(labels))
    rng = np.random.default_rng(0)
    # sorting by class with ties broken at random, then taking every (n / limit)-th keeps each class's share
    order = np.lexsort((rng.random(len(labels)), labels))
    return np.sort(order[(np.arange(limit) * (len(labels) / limit)).astype(np.int64)])
