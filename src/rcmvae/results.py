"""What the Python API returns: plain numpy arrays with names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Prediction:
    """Classes of N images. K components (0 with a standard prior), Y classes.

    Attributes:
        classes: int32 (N,), the most probable class; -1 while no label was ever seen.
        probabilities: float32 (N, Y). certainty: float32 (N,) in [0, 1]. ood: float32 (N,), higher is newer.
        responsibilities: float32 (N, K). responsibility_entropy: float32 (N,), nats.
    """

    classes: np.ndarray
    probabilities: np.ndarray
    certainty: np.ndarray
    ood: np.ndarray
    responsibilities: np.ndarray
    responsibility_entropy: np.ndarray


@dataclass(frozen=True)
class Latents:
    """Posteriors of N images: `mean` and `log_var` (N, C, D), C = K with decentralized latents and else 1;
    `mean_latent` (N, D), averaged over components by responsibility; `responsibilities` (N, K). All float32."""

    mean: np.ndarray
    log_var: np.ndarray
    mean_latent: np.ndarray
    responsibilities: np.ndarray


@dataclass(frozen=True)
class Samples:
    """Images drawn from the model: `images` float32 (n, H, W, C) in [0, 1] (decoder means), their `latents` (n, D) and
    `components` int32 (n,)."""

    images: np.ndarray
    latents: np.ndarray
    components: np.ndarray


@dataclass(frozen=True)
class Suggested:
    """Images to label next, most useful first: positions `indices` int64 (n,) into the images that were given, and `scores` float64 (n,)."""

    indices: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Score:
    """Means over images: `accuracy`, and in nats `elbo`, `reconstruction_loss`, `kl_z`.

    `why` says why `accuracy` is NaN; empty if it is a number.
    """

    accuracy: float
    elbo: float
    reconstruction_loss: float
    kl_z: float
    why: str = ""


@dataclass(frozen=True)
class FitResult:
    """What a `fit` did.

    Attributes:
        outcome: `completed` or `stopped`. epochs: of this fit. best_epoch: 1-based, whose weights the model has now;
            None without validation images (then the last epoch's).
        history: one flat mapping an epoch (`train/loss`, `validation/loss`, ...). seconds: training time.
    """

    outcome: Literal["completed", "stopped"]
    epochs: int
    best_epoch: int | None
    history: tuple[Mapping[str, float | None], ...]
    seconds: float
