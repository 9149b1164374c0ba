"""Images that occur more than once, and what is wrong with that."""

from __future__ import annotations

import hashlib

import numpy as np

from rcmvae.data.about import UNKNOWN


def groups_of(images: np.ndarray) -> np.ndarray:
    """A number for each of the images (N, ...), int64 (N,); identical images have the same."""
    keys = [hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest() for image in images]
    numbers: dict[bytes, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def contradicted(group: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether an image has a label and an identical one has another, bool (N,).

    Args:
        group: as `groups_of` gives it. labels: int (N,), -1 unknown.
    """
    known = labels != UNKNOWN
    pairs = np.unique(np.stack([group[known], labels[known]]), axis=1)
    groups, classes = np.unique(pairs[0], return_counts=True)
    return known & np.isin(group, groups[classes > 1])


def repeats(images: np.ndarray, labels: np.ndarray, test: np.ndarray) -> tuple[str, ...]:
    """Sentences about identical images in training and test data, and about identical images with contradicting labels.

    Args:
        images: (N, H, W, C). labels: int (N,), -1 unknown. test: int rows of the test set.
    """
    group = groups_of(images)
    tested = np.zeros(len(images), np.bool_)
    tested[test] = True
    shared = int(np.isin(group[tested], group[~tested]).sum())
    contradicting = int(contradicted(group, labels).sum())
    said = []
    if shared:
        many = "image of the test set is" if shared == 1 else "images of the test set are"
        said.append(f"{shared:,} {many} in the training data as well, so results on the test set flatter.")
    if contradicting:
        said.append(f"{contradicting:,} images are identical to others with another label, so no model can get all of them right.")
    return tuple(said)
