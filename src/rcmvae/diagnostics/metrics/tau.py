"""Tau: how clearly components stand for classes, how certain predictions are, and which channels are free."""

from __future__ import annotations

import numpy as np

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import free_in
from rcmvae.diagnostics.metrics.result import Disabled, Found, held_out, need_components, need_predictions, number

SMALL, LARGE = 0.05, 0.15


def sparsity(bundle: DiagnosticsBundle) -> Found:
    """Share of the entries of tau below 0.05; close to 1 - 1/Y when every component stands for one class."""
    return Found(number((_open_tau(bundle) < SMALL).mean()))


def components_per_label(bundle: DiagnosticsBundle) -> Found:
    """How many components stand for each class (tau above 0.15)."""
    return Found([int(n) for n in (_open_tau(bundle) > LARGE).sum(axis=0)])


def label_coverage(bundle: DiagnosticsBundle) -> Found:
    """Classes that at least one component stands for."""
    return Found(int((_open_tau(bundle) > LARGE).any(axis=0).sum()))


def certainty_mean(bundle: DiagnosticsBundle) -> Found:
    """Mean certainty."""
    return _of_held_out(bundle, bundle.certainty, np.mean)


def certainty_std(bundle: DiagnosticsBundle) -> Found:
    """Standard deviation of the certainty over the images."""
    return _of_held_out(bundle, bundle.certainty, np.std)


def ood_mean(bundle: DiagnosticsBundle) -> Found:
    """Mean of the out-of-distribution score, 1 - certainty."""
    return _of_held_out(bundle, bundle.ood, np.mean)


def ood_std(bundle: DiagnosticsBundle) -> Found:
    """Standard deviation of the out-of-distribution score over the images."""
    return _of_held_out(bundle, bundle.ood, np.std)


def free_channels(bundle: DiagnosticsBundle) -> Found:
    """Components that a new class could take."""
    _need_tau(bundle)
    return Found([int(k) for k in np.flatnonzero(free_in(bundle))], "train")


def claims(bundle: DiagnosticsBundle) -> Found:
    """The class that claims each component, None for those that nobody claims."""
    _need_tau(bundle)
    return Found([None if label < 0 else int(label) for label in bundle.claims])


def _need_tau(bundle: DiagnosticsBundle) -> None:
    need_components(bundle)
    if bundle.facts.classifier == "head":
        raise Disabled("the head classifies, not tau")
    need_predictions(bundle)


def _open_tau(bundle: DiagnosticsBundle) -> np.ndarray:
    """Tau of the open components: a closed one stands for nothing, though its row is even."""
    _need_tau(bundle)
    return bundle.tau[bundle.active]


def _of_held_out(bundle: DiagnosticsBundle, values: np.ndarray, statistic: object) -> Found:
    need_predictions(bundle)
    held = held_out(bundle)
    assert callable(statistic)
    return Found(number(statistic(values[held.where].astype(np.float64))), held.split, int(held.where.sum()))
