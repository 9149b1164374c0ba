"""Training: loss terms, and what the run took."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.metrics.result import Disabled, Found, Skipped, held_out, held_out_with_truth, need_predictions, number

_RATES = {"learning_rate", "grad_norm", "examples_per_second"}
_ROUTING = {"max_responsibility", "max_gumbel_weight", "k_eff"}
NOT_LOSSES = frozenset({"loss", "accuracy", "consistency_share", "sigma_at_bound"} | _RATES | _ROUTING)
"""What follows `train/` in metric names without being a term of the loss."""


def mean_loss(name: str) -> Callable[[DiagnosticsBundle], Found]:
    """Mean of one term over the held-out images it applies to, nats, unweighted."""

    def compute(bundle: DiagnosticsBundle) -> Found:
        values = bundle.loss(name)
        if values is None:
            raise Disabled(f"this model's loss has no term {name}")
        held = held_out(bundle)
        inside = values[held.where]
        applies = ~np.isnan(inside)
        if not applies.any():
            raise Skipped(f"{name} applies to none of the {held.split} images")
        return Found(number(inside[applies].mean(dtype=np.float64)), held.split, int(applies.sum()))

    return compute


def classification_loss(bundle: DiagnosticsBundle) -> Found:
    """Mean of -log p(true class) over the held-out images whose class is known, nats."""
    need_predictions(bundle)
    held = held_out_with_truth(bundle)
    given = bundle.probabilities[held.where, bundle.known_labels[held.where]].astype(np.float64)
    return Found(number(-np.log(np.maximum(given, 1e-12)).mean()), held.split, int(held.where.sum()))


def batch_terms(bundle: DiagnosticsBundle) -> tuple[str, ...]:
    """Loss terms that exist for whole batches only (usage entropy, Dirichlet, consistency, ...), as logged while training."""
    logged = (str(name).removeprefix("train/") for name in bundle.metric_names if str(name).startswith("train/"))
    return tuple(name for name in logged if name not in NOT_LOSSES and name not in bundle.loss_names)


def logged_loss(name: str) -> Callable[[DiagnosticsBundle], Found]:
    """One term's running mean over the training images, at the epoch whose weights were kept."""

    def compute(bundle: DiagnosticsBundle) -> Found:
        values = bundle.history(f"train/{name}")
        if values is None or not len(values):
            raise Disabled(f"this model's loss has no term {name}")
        kept = bundle.facts.best_epoch if bundle.facts.best_epoch and bundle.facts.best_epoch <= len(values) else len(values)
        if np.isnan(values[kept - 1]):
            raise Skipped(f"{name} was not computed in epoch {kept}")
        return Found(number(values[kept - 1]), "train")

    return compute


def epochs(bundle: DiagnosticsBundle) -> Found:
    """Epochs of the run."""
    return Found(bundle.facts.epochs)


def best_epoch(bundle: DiagnosticsBundle) -> Found:
    """The epoch whose weights were kept, 1-based."""
    if bundle.facts.best_epoch is None:
        raise Disabled("without validation images the last epoch's weights are kept")
    return Found(bundle.facts.best_epoch)


def seconds(bundle: DiagnosticsBundle) -> Found:
    """Training time without start-up."""
    return Found(number(bundle.facts.seconds))


def examples_per_second(bundle: DiagnosticsBundle) -> Found:
    """Training images a second, mean over the run."""
    if bundle.facts.examples_per_second is None:
        raise Skipped("no epoch was completed in this run")
    return Found(number(bundle.facts.examples_per_second))
