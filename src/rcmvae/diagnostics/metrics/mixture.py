"""Mixture: how many components work, how evenly, and what each of them is for."""

from __future__ import annotations

import numpy as np

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import class_mass, effective_components, entropy, majority_classes
from rcmvae.diagnostics.metrics.result import Disabled, Found, held_out, held_out_with_truth, need_components, number, numbers


def components(bundle: DiagnosticsBundle) -> Found:
    """K, the number of components."""
    need_components(bundle)
    return Found(bundle.components)


def k_active(bundle: DiagnosticsBundle) -> Found:
    """How many components the curriculum has opened, in the weights that were kept."""
    return Found(len(_curriculum(bundle)))


def unlocks(bundle: DiagnosticsBundle) -> Found:
    """How many of them opened during this run."""
    _curriculum(bundle)
    return Found(bundle.facts.unlocks or 0)


def k_eff(bundle: DiagnosticsBundle) -> Found:
    """exp H(usage)."""
    usage, split, n = _usage(bundle)
    return Found(effective_components(usage), split, n)


def active_components(bundle: DiagnosticsBundle) -> Found:
    """Components with a usage above min(1 %, 0.1/K), K counting open ones."""
    usage, split, n = _usage(bundle)
    return Found(int((usage > min(0.01, 0.1 / max(1, bundle.active.sum()))).sum()), split, n)


def component_entropy(bundle: DiagnosticsBundle) -> Found:
    """Mean H(r) in nats: 0 when every image has one component to itself."""
    need_components(bundle)
    held = held_out(bundle)
    return Found(number(entropy(bundle.responsibilities[held.where]).mean()), held.split, int(held.where.sum()))


def pi_entropy(bundle: DiagnosticsBundle) -> Found:
    """H(pi) in nats; log K when the prior is even."""
    need_components(bundle)
    return Found(number(entropy(bundle.pi)))


def pi_max(bundle: DiagnosticsBundle) -> Found:
    """The largest prior weight."""
    need_components(bundle)
    return Found(number(bundle.pi.max()))


def usage(bundle: DiagnosticsBundle) -> Found:
    """Mean responsibility of each component."""
    values, split, n = _usage(bundle)
    return Found(numbers(values), split, n)


def majority_class(bundle: DiagnosticsBundle) -> Found:
    """The class that holds most of each component's responsibility, None for components without any."""
    mass, split, n = _class_mass(bundle)
    return Found([None if label < 0 else int(label) for label in majority_classes(mass)], split, n)


def purity(bundle: DiagnosticsBundle) -> Found:
    """The majority class's share of each component's responsibility, None for components without any."""
    mass, split, n = _class_mass(bundle)
    total = mass.sum(axis=0)
    return Found(numbers(mass.max(axis=0) / np.where(total > 1e-6, total, np.nan)), split, n)


def _curriculum(bundle: DiagnosticsBundle) -> tuple[int, ...]:
    need_components(bundle)
    if bundle.facts.open_components is None:
        raise Disabled("all components are open: this run had no curriculum")
    return bundle.facts.open_components


def _usage(bundle: DiagnosticsBundle) -> tuple[np.ndarray, str, int]:
    need_components(bundle)
    held = held_out(bundle)
    return bundle.responsibilities[held.where].mean(axis=0, dtype=np.float64), held.split, int(held.where.sum())


def _class_mass(bundle: DiagnosticsBundle) -> tuple[np.ndarray, str, int]:
    need_components(bundle)
    held = held_out_with_truth(bundle)
    mass = class_mass(bundle.responsibilities[held.where], bundle.known_labels[held.where], bundle.classes)
    return mass, held.split, int(held.where.sum())
