"""The metrics of RCM-VAE for people: each key's name, unit, direction and the panel that shows it.

What computes them is in `rcmvae.training` (of every epoch) and `rcmvae.diagnostics.metrics` (of the model that was kept).
"""

from __future__ import annotations

from dataclasses import replace

from rcmvae.simple.words import TITLES
from rcmvae.terms import TERMS
from rcmvae.terms.term import Term
from workbench.families import Metric, Panel

BOTH = ("train", "validation")

PANELS: tuple[Panel, ...] = (
    Panel("loss", "Loss", "Loss over the epochs, training and validation", half=True),
    Panel(
        "accuracy", "Accuracy", "Accuracy over the epochs", half=True, empty="No accuracy yet: it needs labelled data",
    ),
    Panel(
        "terms", "Loss terms", "Each term of the loss over the epochs", each=True, height=170, hideable=True,
        rest=("measured",),
    ),
    Panel(
        "optimiser", "Optimiser and diagnostics", "Learning rate, gradient norm and diagnostics over the epochs", each=True,
        height=180, log=False, overlays=False, rest=("diagnostics",),
    ),
)  # fmt: skip

GROUPS = {
    "training": "Training", "classification": "Classification", "mixture": "Mixture", "clustering": "Clustering",
    "routing_metrics": "Routing", "tau": "tau-classifier", "density": "Density",
    "simple": "Simple methods with the same labels",
}  # fmt: skip
"""Titles of a summary's groups."""

WATCHED = (
    "validation/accuracy", "validation/loss", "train/loss", "train/accuracy", "validation/kl_z", "mixture/k_eff",
    "train/grad_norm",
)  # fmt: skip
"""What is shown of a run while it trains, most telling first."""


_SCALE = ("observation_sigma", "sigma_min", "sigma_max", "reconstruction_loss", "use_heteroscedastic_decoder")
"""Settings that decide how far a reconstruction may be off for a nat."""


def _settings_of(term: Term) -> tuple[str, ...]:
    """A term's settings that its value in an evaluation depends on: nothing rises there, and some terms are absent."""
    if term.settings is None or term.training_only:
        return ()
    return tuple(name for name in term.settings.model_fields if not name.endswith("_epochs"))


_WEIGHED = (*(name for term in TERMS for name in _settings_of(term)), *_SCALE)


def _made_of(term: Term) -> tuple[str, ...]:
    """The settings that decide what a term by itself, without its weight, measures."""
    return _SCALE if term.weight == "recon_weight" else tuple(name for name in _settings_of(term) if name != term.weight)


def _term(key: str, label: str) -> Metric:
    return Metric(key, label, "nats", "lower", panel="terms", splits=BOTH)


def _share(key: str, label: str, direction: str | None = None) -> Metric:
    return Metric(key, label, direction=direction, format="share")  # type: ignore[arg-type]


METRICS: tuple[Metric, ...] = (
    Metric("loss", "Loss", "", "lower", panel="loss", splits=BOTH, made_of=_WEIGHED),
    Metric(
        "accuracy", "Accuracy", "", "higher", "share", "accuracy", BOTH, of="held-out",
        references=tuple((title, f"simple/{name}") for name, title in TITLES.items()),
    ),
    *(Metric(term.name, term.label, "nats", term.direction, panel="terms", splits=BOTH, made_of=_made_of(term)) for term in TERMS),
    replace(_term("routed_reconstruction", "Reconstruction loss, routed"), made_of=_SCALE),
    Metric("loss_without_labels", "Loss without labels", "nats", "lower", panel="terms", splits=("validation",), made_of=_WEIGHED),
    _term("usage_entropy", "Usage entropy"),
    Metric("elbo", "ELBO", "nats", "higher", panel="terms", splits=BOTH, made_of=_SCALE),
    Metric("learning_rate", "Learning rate", panel="optimiser", splits=("train",), from_zero=True),
    Metric("grad_norm", "Gradient norm", panel="optimiser", splits=("train",)),
    Metric("max_responsibility", "Largest responsibility", format="share", panel="optimiser", splits=BOTH),
    Metric("max_gumbel_weight", "Largest routing weight", format="share", panel="optimiser", splits=("train",)),
    *(
        Metric(each.name, each.label, format="share", panel="optimiser", splits=("train",))
        for term in TERMS for each in term.also
    ),
    Metric("sigma_at_bound", "Deviations at their bound", format="share", panel="optimiser", splits=("train",)),
    Metric("k_eff", "Effective components", panel="optimiser"),
    Metric("k_active", "Open components", panel="optimiser"),
    Metric("temperature", "Routing temperature", panel="optimiser"),
    Metric("unlocked", "Component opened", panel="optimiser"),
    Metric("examples_per_second", "Images a second", splits=("train",)),
    Metric("epoch_seconds", "Seconds an epoch", "s"),
    Metric("epochs", "Epochs"),
    Metric("best_epoch", "Best epoch"),
    Metric("seconds", "Training time", "s"),
    _share("error", "Error", "lower"),
    _share("accuracy_labelled", "Accuracy, labelled training images", "higher"),
    _share("accuracy_all", "Accuracy, all images", "higher"),
    Metric("classes_without_label", "Classes without a label"),
    Metric("macro_f1", "Macro F1", direction="higher"),
    _share("calibration_error", "Calibration error", "lower"),
    _share("per_class_recall", "Recall of each class", "higher"),
    Metric("confusion", "Confusion matrix"),
    Metric("components", "Components"),
    Metric("unlocks", "Components opened"),
    Metric("active_components", "Components in use"),
    Metric("component_entropy", "Entropy of responsibilities", "nats"),
    Metric("pi_entropy", "Entropy of prior weights", "nats"),
    _share("pi_max", "Largest prior weight"),
    _share("usage", "Usage of each component"),
    Metric("majority_class", "Majority class of each component"),
    _share("purity", "Purity of each component", "higher"),
    Metric("nmi", "NMI", direction="higher"),
    Metric("ari", "ARI", direction="higher"),
    _share("mean_max_soft", "Mean largest responsibility"),
    _share("mean_max_gumbel", "Mean largest routing weight"),
    Metric("active_components_1pct", "Components used above 1 %"),
    _share("ownership_diagonal_mean", "Mean ownership by the majority class", "higher"),
    Metric("component_kl", "KL z of components", "nats"),
    _share("sparsity", "Sparsity of tau"),
    Metric("components_per_label", "Components of each class"),
    Metric("label_coverage", "Classes with a component"),
    Metric("certainty_mean", "Mean certainty"),
    Metric("certainty_std", "Deviation of certainty"),
    Metric("ood_mean", "Mean OOD score"),
    Metric("ood_std", "Deviation of OOD scores"),
    Metric("free_channels", "Free components"),
    Metric("claims", "Class that claims each component"),
    *(_share(f"simple/{name}", title, "higher") for name, title in TITLES.items()),
    _share("simple/lead", "Lead over the best simple method", "higher"),
    Metric("nll", "Negative log-likelihood", "nats", "lower"),
    Metric("standard_error", "Standard error", "nats"),
    Metric("importance_samples", "Importance samples"),
    Metric("binarisation", "Binarisation"),
    Metric("noise_seed", "Seed of the noise"),
)  # fmt: skip
