"""Numbers, durations, sizes and metric names as people read them."""

from __future__ import annotations

import math

_NAMES = {
    "kl_z": "KL z",
    "kl_c": "KL c",
    "k_eff": "Effective components",
    "k_active": "Open components",
    "unlocks": "Components opened",
    "learning_rate": "Learning rate",
    "grad_norm": "Gradient norm",
    "usage_entropy": "Usage entropy",
    "component_diversity": "Component diversity",
    "dirichlet": "Dirichlet (pi)",
    "examples_per_second": "Examples a second",
    "epoch_seconds": "Seconds an epoch",
}
_SHORT = {"kl": "KL", "nll": "NLL", "ood": "OOD", "nmi": "NMI", "ari": "ARI", "f1": "F1", "elbo": "ELBO", "std": "deviation"}
_SPLITS = {"train": "training", "validation": "validation", "test": "held-out"}


def duration(seconds: float | None) -> str:
    """A duration: "0.8 s", "42 s", "3 min 10 s", "2 h 5 min"; nothing if it is unknown."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def number(value: float | None, name: str = "") -> str:
    """A metric's value with as many digits as help: accuracies in percent, others with four significant digits."""
    if value is None:
        return "–"
    if isinstance(value, float) and not math.isfinite(value):
        return "not finite"
    if is_share(name):
        return f"{100 * value:.1f} %"
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e6):
        return f"{int(value):,}"
    if value != 0 and (abs(value) < 1e-3 or abs(value) >= 1e6):
        return f"{value:.2e}"
    return f"{value:.4g}"


def is_share(name: str) -> bool:
    """Whether a metric is a share of one, shown in percent."""
    leaf = name.rsplit("/", 1)[-1]
    return leaf == "accuracy" or leaf.endswith("_accuracy") or leaf == "error_rate"


def metric_name(key: str) -> str:
    """A metric's key without its split as a label: "train/kl_z" -> "KL z"."""
    leaf = key.rsplit("/", 1)[-1]
    if leaf in _NAMES:
        return _NAMES[leaf]
    words = " ".join(_SHORT.get(word, word) for word in leaf.split("_"))
    return words[:1].upper() + words[1:]


def metric_title(key: str) -> str:
    """A metric's key as a full label: "validation/loss" -> "Loss, validation"."""
    head, _, leaf = key.rpartition("/")
    split = _SPLITS.get(head)
    return f"{metric_name(leaf)}, {split}" if split else metric_name(key)


def size(n_bytes: int) -> str:
    """A file's size: "812 B", "24 kB", "3.1 MB" (decimal units)."""
    if n_bytes < 1_000:
        return f"{n_bytes} B"
    if n_bytes < 1_000_000:
        return f"{n_bytes / 1_000:.0f} kB"
    if n_bytes < 1_000_000_000:
        return f"{n_bytes / 1_000_000:.1f} MB"
    return f"{n_bytes / 1_000_000_000:.2f} GB"


def plural(n: int, word: str, many: str | None = None) -> str:
    """A count with its noun: "1 epoch", "3 epochs"."""
    return f"{n:,} {word if n == 1 else many or word + 's'}"
