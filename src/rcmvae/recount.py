"""tau recounted from kept responsibilities and today's labels, so that relabelling shows at once, without the model.

The same numbers as the trainer's own recount (`rcmvae.training.engine`), from what its diagnostics kept. Only numpy is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Recount:
    """What tau says under today's labels, for N images, K components and Y classes.

    Attributes:
        counts: float32 (K, Y), labelled responsibility mass s_ky as counted, claims included. tau: float32 (K, Y), rows sum to 1.
        probabilities: float32 (N, Y), p(y|x). predictions: int32 (N,), -1 as long as no training image has a label.
        certainty: float32 (N,), max_k r_k max_y tau_ky; NaN as long as no training image has a label.
    """

    counts: np.ndarray
    tau: np.ndarray
    probabilities: np.ndarray
    predictions: np.ndarray
    certainty: np.ndarray


def recount(
    responsibilities: np.ndarray, labels: np.ndarray, training: np.ndarray, claims: np.ndarray, classes: int, *, alpha: float, claim: float
) -> Recount:
    """Count tau afresh and classify by it.

    s_ky sums r_k over the labelled training images of class y; balanced between classes (`rcmvae.model.tau`), with `claim` added where y
    claims k and `alpha` to each entry, tau_ky is its share of the row; p(y|x) = sum_k r_k tau_ky. Without a labelled training image tau is
    uniform, claimed or not.

    Args:
        responsibilities: float (N, K), as trained. labels: int (N,), class of each image by today's labels, -1 none.
        training: bool (N,); only these count. claims: int (K,), class that claims each component, -1 none.
        classes: Y, in today's vocabulary. alpha: > 0. claim: pseudo-counts of a claim, >= 0.
    """
    count, components = responsibilities.shape
    counted = np.flatnonzero(training & (labels >= 0))
    counts = np.zeros((components, classes))
    claimed = np.zeros((components, classes))
    if len(counted) and classes:
        # a class's rows side by side: one sum a class, in double precision
        order = counted[np.argsort(labels[counted], kind="stable")]
        present, starts = np.unique(labels[order], return_index=True)
        counts[:, present] = np.add.reduceat(responsibilities[order].astype(np.float64), starts, axis=0).T
        held = np.flatnonzero((claims >= 0) & (claims < classes))
        claimed[held, claims[held]] = claim
    smoothed = _balanced(counts) + claimed + alpha
    tau = (smoothed / smoothed.sum(axis=1, keepdims=True) if classes else smoothed).astype(np.float32)
    probabilities = responsibilities @ tau
    known = bool(len(counted) and classes)
    return Recount(
        counts=(counts + claimed).astype(np.float32),
        tau=tau,
        probabilities=probabilities,
        predictions=probabilities.argmax(axis=1).astype(np.int32) if known else np.full(count, -1, np.int32),
        certainty=_certainty(responsibilities, tau) if known else np.full(count, np.nan, np.float32),
    )


def _balanced(counts: np.ndarray) -> np.ndarray:
    """Counts (K, Y), every class with any for as many images, as `rcmvae.model.tau.balanced`."""
    sizes = counts.sum(axis=0)
    present = sizes > 0
    if not present.any():
        return counts
    inverse = np.divide(1.0, sizes, out=np.zeros_like(sizes), where=present)
    return counts * (present.sum() / inverse.sum() * inverse)


def _certainty(responsibilities: np.ndarray, tau: np.ndarray) -> np.ndarray:
    # component by component: numpy is slow at a maximum over a short last axis
    return np.maximum.reduce([r * best for r, best in zip(responsibilities.T, tau.max(axis=1), strict=True)])


def labels_of(rows: np.ndarray, labels: Mapping[int, int]) -> np.ndarray:
    """The label of each dataset row of `rows` (N,), int32 (N,), -1 for those that `labels` (row -> class) does not name."""
    found = np.full(len(rows), -1, np.int32)
    if labels:
        named = np.fromiter(labels.keys(), np.int64, len(labels))
        values = np.fromiter(labels.values(), np.int32, len(labels))
        order = np.argsort(named)
        named, values = named[order], values[order]
        places = np.minimum(np.searchsorted(named, rows), len(named) - 1)
        hit = named[places] == rows
        found[hit] = values[places[hit]]
    return found
