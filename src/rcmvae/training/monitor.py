"""Which validation metric chooses the best epoch, and whether a value improves on it."""

from __future__ import annotations

from rcmvae.config_training import Training
from rcmvae.metrics import METRICS
from rcmvae.training.errors import TrainingError

ENOUGH_LABELLED = 20
"""Labelled validation images from which `auto` trusts their classification loss."""
WITHOUT_LABELS = "loss_without_labels"
"""The validation loss less its label terms: of a handful of labels these say more about the handful than about the epoch."""
HIGHER_IS_BETTER = frozenset(("elbo", "accuracy"))
NEEDS_LABELS = frozenset(("classification_loss", "accuracy"))


def monitored(settings: Training, *, n_validation: int, labelled_validation: int, has_classes: bool) -> str | None:
    """Name of the validation metric that is watched; None without validation images, or where `none` is chosen.

    `auto` takes the classification loss where enough images are labelled, and where a few are, all of the loss but their labels.

    Raises TrainingError if the chosen metric needs labelled validation images and there are none.
    """
    chosen = settings.monitor_metric
    if n_validation == 0 or chosen == "none":
        return None
    labelled = labelled_validation if has_classes else 0
    if chosen == "auto":
        return "classification_loss" if labelled >= ENOUGH_LABELLED else WITHOUT_LABELS if labelled else "loss"
    if chosen in NEEDS_LABELS and labelled == 0:
        raise TrainingError(
            f"monitor_metric={chosen} needs labelled validation images and there are none. Label some validation images, or choose monitor_metric=loss."
        )
    return chosen


def chosen_by(name: str, *, labelled_validation: int) -> str:
    """What chose the best epoch, as the end of a sentence: "by the ..."."""
    label = next(metric.label for metric in METRICS if metric.key == name)
    words = f"by the {label if label.isupper() else label[0].lower() + label[1:]} of validation images"
    if name != WITHOUT_LABELS:
        return words
    are = "one of them is labelled" if labelled_validation == 1 else f"{labelled_validation} of them are labelled"
    return f"{words}, since only {are} (from {ENOUGH_LABELLED} on their classification loss chooses)"


def improves(name: str, value: float, best: float | None, min_delta: float) -> bool:
    """Whether `value` is better than `best` by more than `min_delta` (at all, if that is 0)."""
    if best is None:
        return True
    gain = value - best if name in HIGHER_IS_BETTER else best - value
    return gain > min_delta
