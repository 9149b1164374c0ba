"""Clustering: how well the components alone (argmax of the responsibilities) agree with the true classes."""

from __future__ import annotations

import numpy as np

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import entropy
from rcmvae.diagnostics.metrics.result import Found, Skipped, held_out_with_truth, need_components, number

LEAST_IMAGES = 100


def clustering_accuracy(bundle: DiagnosticsBundle) -> Found:
    """Accuracy when every component is renamed to one class, each class used once, in the best way (Hungarian)."""
    from scipy.optimize import linear_sum_assignment

    table, split = _table(bundle)
    rows, columns = linear_sum_assignment(-table)
    return Found(number(table[rows, columns].sum() / table.sum()), split, int(table.sum()))


def normalized_mutual_information(bundle: DiagnosticsBundle) -> Found:
    """I(cluster; class) over the mean of both entropies; 1 if both have one value only."""
    table, split = _table(bundle)
    joint = table / table.sum()
    h_cluster, h_class = entropy(joint.sum(axis=1)), entropy(joint.sum(axis=0))
    mean = (h_cluster + h_class) / 2
    information = h_cluster + h_class - entropy(joint.ravel())
    return Found(number(information / mean) if mean > 0 else 1.0, split, int(table.sum()))


def adjusted_rand_index(bundle: DiagnosticsBundle) -> Found:
    """Agreement over pairs of images, corrected for chance (Hubert and Arabie 1985, eq. 5)."""
    table, split = _table(bundle)
    total = table.sum()
    together = _pairs(table).sum()
    clusters, classes = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    expected, most = clusters * classes / _pairs(total), (clusters + classes) / 2
    value = (together - expected) / (most - expected) if most != expected else 1.0
    return Found(number(value), split, int(total))


def _pairs(counts: np.ndarray) -> np.ndarray:
    return counts * (counts - 1) / 2


def _table(bundle: DiagnosticsBundle) -> tuple[np.ndarray, str]:
    """Images by (component, class), float64 (K, Y), over the held-out images whose class is known."""
    need_components(bundle)
    held = held_out_with_truth(bundle)
    n = int(held.where.sum())
    if n < LEAST_IMAGES:
        raise Skipped(f"needs at least {LEAST_IMAGES} held-out images with a known class, there are {n}")
    table = np.zeros((bundle.components, int(bundle.known_labels.max()) + 1))
    np.add.at(table, (bundle.selected[held.where], bundle.known_labels[held.where]), 1)
    return table, held.split
