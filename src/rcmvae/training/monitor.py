"""Which validation metric chooses the best epoch, and whether a value improves on it."""

from __future__ import annotations

from rcmvae.config_training import Training
from rcmvae.training.errors import TrainingError

ENOUGH_LABELLED = 20
"""Labelled validation images from which `auto` trusts their classification loss."""
HIGHER_IS_BETTER = frozenset(("elbo", "accuracy"))
NEEDS_LABELS = frozenset(("classification_loss", "accuracy"))


def monitored(settings: Training, *, n_validation: int, labelled_validation: int, has_classes: bool) -> str | None:
    """Name of the validation metric that is watched; None without validation images.

    Raises TrainingError if the chosen metric needs labelled validation images and there are none.
    """
    if n_validation == 0:
        return None
    chosen = settings.monitor_metric
    labelled = labelled_validation if has_classes else 0
    if chosen == "auto":
        return "classification_loss" if labelled >= ENOUGH_LABELLED else "loss"
    if chosen in NEEDS_LABELS and labelled == 0:
        raise TrainingError(
            f"monitor_metric={chosen} needs labelled validation images and there are none. Label some validation images, or choose monitor_metric=loss."
        )
    return chosen


def improves(name: str, value: float, best: float | None, min_delta: float) -> bool:
    """Whether `value` is better than `best` by more than `min_delta` (at all, if that is 0)."""
    if best is None:
        return True
    gain = value - best if name in HIGHER_IS_BETTER else best - value
    return gain > min_delta
