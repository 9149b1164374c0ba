"""What the components ("channels") of a mixture are used for, computed from responsibilities."""

from __future__ import annotations

import numpy as np

from rcmvae.diagnostics.bundle import TRAIN, DiagnosticsBundle


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """Entropy in nats over the last axis; 0 log 0 is 0."""
    p = np.asarray(probabilities, np.float64)
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)


def effective_components(usage: np.ndarray) -> float:
    """K_eff = exp H(usage): how many components an even use of the same entropy would have."""
    return float(np.exp(entropy(usage)))


def free_channels(usage: np.ndarray, labelled_mass: np.ndarray, claims: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Which channels a new class could take: open, claimed by nobody, and hardly used or holding hardly any label.

    Args:
        usage: mean responsibility over the data, (K,). labelled_mass: responsibility summed over labelled images, (K,).
        claims: class that claims each channel, -1 none, (K,). active: whether a curriculum has opened each, bool (K,).

    Returns:
        bool (K,).
    """
    usage, mass, claims, active = np.asarray(usage), np.asarray(labelled_mass), np.asarray(claims), np.asarray(active, bool)
    return active & (claims < 0) & ((usage < min(1e-3, 0.1 / max(1, active.sum()))) | (mass < 0.5))


def free_in(bundle: DiagnosticsBundle) -> np.ndarray:
    """`free_channels` of a bundle, over its training images; bool (K,)."""
    train = bundle.split == TRAIN
    labelled = train & (bundle.used_labels >= 0)
    r = bundle.responsibilities
    return free_channels(r[train].mean(axis=0), r[labelled].sum(axis=0), bundle.claims, bundle.active)


def class_mass(responsibilities: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Responsibility summed over the images of each class, float64 (Y, K); images with label -1 are left out."""
    mass = np.zeros((classes, responsibilities.shape[1]))
    known = labels >= 0
    np.add.at(mass, labels[known], responsibilities[known].astype(np.float64))
    return mass


def ownership(responsibilities: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """O_yk, the mean responsibility of component k over class y, float64 (Y, K); NaN rows for classes without images."""
    counts = np.bincount(labels[labels >= 0], minlength=classes).astype(np.float64)
    return class_mass(responsibilities, labels, classes) / np.where(counts > 0, counts, np.nan)[:, None]


def majority_classes(mass: np.ndarray) -> np.ndarray:
    """The class that holds most of each component's mass, int (K,); -1 for components without any."""
    return np.where(mass.sum(axis=0) > 1e-6, mass.argmax(axis=0), -1)


def component_kl_means(bundle: DiagnosticsBundle) -> np.ndarray:
    """KL_z of each component in nats, averaged over images with their responsibilities as weights, float64 (K,).

    What a component costs for the images it is responsible for. NaN for components that are responsible for nothing.
    """
    r = bundle.responsibilities[bundle.detail].astype(np.float64)
    weight = r.sum(axis=0)
    return (r * bundle.component_kl).sum(axis=0) / np.where(weight > 1e-6 * max(1, len(r)), weight, np.nan)
