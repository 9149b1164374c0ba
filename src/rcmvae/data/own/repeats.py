"""Images that occur more than once, and what is wrong with that."""

from __future__ import annotations

import hashlib

import numpy as np

from rcmvae.data.about import UNKNOWN


def repeats(images: np.ndarray, labels: np.ndarray, test: np.ndarray) -> tuple[str, ...]:
    """Sentences about identical images in training and test data, and about identical images with contradicting labels.

    Args:
        images: (N, H, W, C). labels: int (N,), -1 unknown. test: int rows of the test set.
    """
    keys = [hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest() for image in images]
    numbers: dict[bytes, int] = {}
    group = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
    tested = np.zeros(len(images), np.bool_)
    tested[test] = True
    trained = np.zeros(len(numbers), np.bool_)
    trained[group[~tested]] = True
    shared = int(trained[group[tested]].sum())
    known = labels != UNKNOWN
    pairs = np.unique(np.stack([group[known], labels[known]]), axis=1)
    groups, classes = np.unique(pairs[0], return_counts=True)
    contradicting = int(np.isin(group, groups[classes > 1])[known].sum())
    said = []
    if shared:
        many = "image of the test set is" if shared == 1 else "images of the test set are"
        said.append(f"{shared:,} {many} in the training data as well, so results on the test set flatter.")
    if contradicting:
        said.append(f"{contradicting:,} images are identical to others with another label, so no model can get all of them right.")
    return tuple(said)
