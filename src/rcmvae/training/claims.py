"""Which class claims which components: an assignment made when a class first has labels, and kept."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from rcmvae.model.tau import UNCLAIMED

MOST_CLAIMS = 3


def claims_per_class(components: int, classes: int) -> int:
    """max(1, min(3, floor((K - 1) / Y))): some components stay unclaimed where there are more of them than classes."""
    return max(1, min(MOST_CLAIMS, (components - 1) // max(1, classes)))


def assign_claims(claims: np.ndarray, class_sums: np.ndarray, class_sizes: np.ndarray) -> np.ndarray:
    """Claims (K,) with those of classes added that have labels but no claim yet.

    The assignment maximises the classes' mean responsibilities relative to their mean over classes (Hungarian
    algorithm), among components that nobody holds.

    Args:
        claims: (K,) class that holds a component, -1 none. class_sums: (K, Y) responsibilities summed by class.
        class_sizes: (Y,) labelled images of each class.
    """
    claims = np.array(claims, np.int32)
    holding = set(claims[claims != UNCLAIMED].tolist())
    present = np.flatnonzero(class_sizes > 0)
    new = [int(label) for label in present if int(label) not in holding]
    free = np.flatnonzero(claims == UNCLAIMED)
    if not new or not len(free):
        return claims
    means = np.asarray(class_sums, np.float64)[:, present] / class_sizes[present]
    relative = means / np.maximum(means.mean(axis=1, keepdims=True), 1e-12)
    columns = [int(np.searchsorted(present, label)) for label in new]
    each = max(1, min(claims_per_class(len(claims), len(class_sizes)), len(free) // len(new)))
    rows = [(label, column) for label, column in zip(new, columns, strict=True) for _ in range(each)]
    gains = np.stack([relative[free, column] for _, column in rows])
    chosen, places = linear_sum_assignment(gains, maximize=True)
    for row, place in zip(chosen, places, strict=True):
        claims[free[place]] = rows[row][0]
    return claims
