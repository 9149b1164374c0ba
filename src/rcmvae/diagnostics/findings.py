"""What to notice in a trained model's diagnostics: collapse, neglect, and simple methods that do better."""

from __future__ import annotations

import numpy as np

from rcmvae.diagnostics.bundle import SPLIT_NAMES, TEST, TRAIN, DiagnosticsBundle
from rcmvae.diagnostics.channels import class_mass, effective_components
from rcmvae.neglect import collapsed, gathered_labels, neglected_classes
from rcmvae.simple.verdict import tallies, verdict
from rcmvae.simple.words import notice
from workbench.families.metrics import SPLIT_WORDS
from workbench.families.noticing import Notice


def findings(bundle: DiagnosticsBundle) -> tuple[Notice, ...]:
    """Everything to notice, most serious first; nothing of a model that fares well."""
    found = verdict(bundle)
    below = None if found is None else notice({"verdict": found.plain()})
    return tuple(each for each in (below, *_classes(bundle), _collapse(bundle), _gathered(bundle)) if each is not None)


def _classes(bundle: DiagnosticsBundle) -> tuple[Notice, ...]:
    """By the test images whose class is known; without any, by all images that people labelled."""
    if not bundle.has_labels:
        return ()
    test = np.flatnonzero((bundle.split == TEST) & (bundle.known_labels >= 0))
    judged = test if len(test) else np.flatnonzero(bundle.used_labels >= 0)
    among = SPLIT_WORDS.get(SPLIT_NAMES[TEST], SPLIT_NAMES[TEST]) if len(test) else "labelled"
    return neglected_classes(tallies(bundle, judged), among)


def _collapse(bundle: DiagnosticsBundle) -> Notice | None:
    train = bundle.split == TRAIN
    if not bundle.components or not train.any():
        return None
    usage = bundle.responsibilities[train].mean(axis=0, dtype=np.float64)
    return collapsed(effective_components(usage), int(bundle.active.sum()))


def _gathered(bundle: DiagnosticsBundle) -> Notice | None:
    """Only of a model that reads classes off its components."""
    if bundle.facts.classifier != "tau" or not bundle.components:
        return None
    labels = np.where(bundle.split == TRAIN, bundle.used_labels, -1)
    mass = class_mass(bundle.responsibilities, labels, bundle.classes)
    sizes = mass.sum(axis=1)
    if not (sizes > 0).any():
        return None
    shares = mass[sizes > 0] / sizes[sizes > 0, None]
    return gathered_labels(effective_components(shares.mean(axis=0)), len(shares), int((labels >= 0).sum()), int(bundle.active.sum()))
