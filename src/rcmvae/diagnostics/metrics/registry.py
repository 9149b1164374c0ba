"""All metrics, one line each, and the loop that computes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.metrics import classification, clustering, density, mixture, routing, simple, tau, training
from rcmvae.diagnostics.metrics.result import Disabled, Found, Skipped, State
from rcmvae.simple.words import TITLES

Compute = Callable[[DiagnosticsBundle], Found]


@dataclass(frozen=True)
class Metric:
    """One metric: where it stands in the summary and the function that computes it."""

    group: str
    name: str
    compute: Compute


METRICS: tuple[Metric, ...] = (
    Metric("training", "elbo", training.mean_loss("elbo")),
    Metric("training", "reconstruction_loss", training.mean_loss("reconstruction_loss")),
    Metric("training", "kl_z", training.mean_loss("kl_z")),
    Metric("training", "kl_c", training.mean_loss("kl_c")),
    Metric("training", "classification_loss", training.classification_loss),
    Metric("training", "epochs", training.epochs),
    Metric("training", "best_epoch", training.best_epoch),
    Metric("training", "seconds", training.seconds),
    Metric("training", "examples_per_second", training.examples_per_second),
    Metric("classification", "accuracy", classification.accuracy),
    Metric("classification", "error", classification.error),
    Metric("classification", "accuracy_labelled", classification.accuracy_labelled),
    Metric("classification", "accuracy_all", classification.accuracy_all),
    Metric("classification", "classes_without_label", classification.classes_without_label),
    Metric("classification", "macro_f1", classification.macro_f1),
    Metric("classification", "calibration_error", classification.calibration_error),
    Metric("classification", "per_class_recall", classification.per_class_recall),
    Metric("classification", "confusion", classification.confusion),
    Metric("mixture", "components", mixture.components),
    Metric("mixture", "k_active", mixture.k_active),
    Metric("mixture", "unlocks", mixture.unlocks),
    Metric("mixture", "k_eff", mixture.k_eff),
    Metric("mixture", "active_components", mixture.active_components),
    Metric("mixture", "component_entropy", mixture.component_entropy),
    Metric("mixture", "pi_entropy", mixture.pi_entropy),
    Metric("mixture", "pi_max", mixture.pi_max),
    Metric("mixture", "usage", mixture.usage),
    Metric("mixture", "majority_class", mixture.majority_class),
    Metric("mixture", "purity", mixture.purity),
    Metric("clustering", "accuracy", clustering.clustering_accuracy),
    Metric("clustering", "nmi", clustering.normalized_mutual_information),
    Metric("clustering", "ari", clustering.adjusted_rand_index),
    Metric("routing_metrics", "mean_max_soft", routing.mean_max_soft),
    Metric("routing_metrics", "mean_max_gumbel", routing.mean_max_gumbel),
    Metric("routing_metrics", "active_components_1pct", routing.active_components_1pct),
    Metric("routing_metrics", "ownership_diagonal_mean", routing.ownership_diagonal_mean),
    Metric("routing_metrics", "component_kl", routing.component_kl),
    Metric("tau", "sparsity", tau.sparsity),
    Metric("tau", "components_per_label", tau.components_per_label),
    Metric("tau", "label_coverage", tau.label_coverage),
    Metric("tau", "certainty_mean", tau.certainty_mean),
    Metric("tau", "certainty_std", tau.certainty_std),
    Metric("tau", "ood_mean", tau.ood_mean),
    Metric("tau", "ood_std", tau.ood_std),
    Metric("tau", "free_channels", tau.free_channels),
    Metric("tau", "claims", tau.claims),
    Metric("density", "nll", density.nll),
    *(Metric("simple", name, simple.method(name)) for name in TITLES),
    Metric("simple", "lead", simple.lead),
)

Summary = dict[str, dict[str, dict[str, Any]]]


def compute(bundle: DiagnosticsBundle, metrics: Iterable[Metric] | None = None) -> Summary:
    """Every metric of a bundle: group -> name -> {"value", "split", "n", "state", "reason"}, all plain JSON values.

    `state` is `success`; `disabled` if the model has nothing to measure; `skipped` if the data cannot say; `failed` if the
    computation broke or gave no finite number. `reason` says why in words, and `value` is then None.
    """
    chosen = (*METRICS, *_further_terms(bundle)) if metrics is None else tuple(metrics)
    summary: Summary = {}
    for metric in chosen:
        summary.setdefault(metric.group, {})[metric.name] = answer(metric.compute, bundle)
    return summary


def answer(compute: Compute, bundle: DiagnosticsBundle) -> dict[str, Any]:
    """One metric's record; an error becomes its state and reason, so that one broken metric costs no other."""
    try:
        found = compute(bundle)
    except Disabled as reason:
        return _record("disabled", reason=str(reason))
    except Skipped as reason:
        return _record("skipped", reason=str(reason))
    except Exception as error:
        return _record("failed", reason=f"{type(error).__name__}: {error}")
    if not _finite(found.value):
        return _record("failed", split=found.split, n=found.n, reason="the result is not a finite number")
    return _record("success", value=found.value, split=found.split, n=found.n)


def _further_terms(bundle: DiagnosticsBundle) -> tuple[Metric, ...]:
    """Metrics of loss terms that the list above does not name."""
    named = {metric.name for metric in METRICS if metric.group == "training"}
    each = (Metric("training", str(name), training.mean_loss(str(name))) for name in bundle.loss_names if str(name) not in named)
    whole = (Metric("training", name, training.logged_loss(name)) for name in training.batch_terms(bundle) if name not in named)
    return (*each, *whole)


def _record(state: State, value: Any = None, split: str = "", n: int | None = None, reason: str | None = None) -> dict[str, Any]:
    return {"value": value, "split": split or None, "n": n, "state": state, "reason": reason}


def _finite(value: Any) -> bool:
    if isinstance(value, list):
        return all(_finite(v) for v in value)
    if isinstance(value, dict):
        return all(_finite(v) for v in value.values())
    return value is None or isinstance(value, str) or math.isfinite(value)
