"""Names of classes, components and metrics in figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rcmvae.diagnostics.bundle import SPLIT_NAMES, TEST, VALIDATION, DiagnosticsBundle
from rcmvae.diagnostics.metrics.result import Skipped, held_out_with_truth
from workbench.plotting import plain

NO_COMPONENTS = "The standard prior has no components."
NO_LABELS = "No labels yet. Label a few images and train again: predictions appear then."
NO_TRUTH = "The class of no held-out image is known. Label validation images to see how good predictions are."

METRIC_TITLES = {
    "loss": "loss",
    "elbo": "ELBO",
    "reconstruction_loss": "reconstruction",
    "routed_reconstruction": "routed reconstruction",
    "kl_z": "KL of z",
    "kl_c": "KL of c",
    "label_loss": "labels",
    "classification_loss": "labels",
    "usage_entropy": "even use",
    "component_diversity": "even use",
    "dirichlet": "Dirichlet prior",
    "consistency": "consistency",
}


def metric_title(name: str) -> str:
    """The name of a loss term for people; a term without one is called by its own name."""
    return METRIC_TITLES.get(name, name.replace("_", " "))


def class_name(bundle: DiagnosticsBundle, label: int) -> str:
    """The class's name, safe in Plotly text; "unknown" for -1."""
    return plain(bundle.facts.class_names[label]) if 0 <= label < len(bundle.facts.class_names) else "unknown"


def class_names(names: Sequence[str], width: int = 18) -> list[str]:
    """Class names as axis labels, safe in Plotly text, long ones cut."""
    return [plain(name if len(name) <= width else name[: width - 1] + "…") for name in names]


def component_labels(claims: Sequence[int | None], names: Sequence[str], free: Sequence[int] = (), closed: Sequence[int] = ()) -> list[str]:
    """Axis labels of components: the number, and below it the class that claims it, "free", or "closed" by a curriculum."""
    short = class_names(names, 8)
    taken = [None if claim is None or not 0 <= claim < len(short) else short[claim] for claim in claims]
    notes = [name or ("free" if k in free else "closed" if k in closed else "") for k, name in enumerate(taken)]
    return [f"{k}<br>{note}" if note else str(k) for k, note in enumerate(notes)]


def ood_words(bundle: DiagnosticsBundle) -> str:
    """What the OOD score is made of."""
    blend = bundle.facts.ood_blend
    if not blend:
        return "OOD score (1 - certainty)"
    parts = [*([f"{1 - blend:.0%} of 1 - certainty"] if blend < 1 else []), f"{blend:.0%} of the reconstruction's percentile"]
    return f"OOD score ({', '.join(parts)})"


def class_words(bundle: DiagnosticsBundle, position: int) -> str:
    """An image's class and how it is known, for hover boxes."""
    true, given = int(bundle.true_labels[position]), int(bundle.used_labels[position])
    if true < 0 <= given:
        return f"labelled {class_name(bundle, given)}"
    return f"true class {class_name(bundle, true)}"


def held_out(bundle: DiagnosticsBundle) -> tuple[np.ndarray, str]:
    """The images that figures of quality show, bool (N,), and what they are called: test, else validation, else all."""
    for code in (TEST, VALIDATION):
        if (bundle.split == code).any():
            return bundle.split == code, SPLIT_NAMES[code]
    return np.ones(len(bundle.rows), bool), "training"


def judged(bundle: DiagnosticsBundle) -> tuple[np.ndarray, str] | None:
    """The images that metrics judge predictions by, and what they are called; without held-out images those of training; None if
    no class is known."""
    try:
        held = held_out_with_truth(bundle)
    except Skipped:
        where, split = held_out(bundle)
        where = where & (bundle.known_labels >= 0)
        return (where, split) if where.any() else None
    return held.where, held.split
