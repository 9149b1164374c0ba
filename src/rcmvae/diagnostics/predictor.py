"""What diagnostics ask of a trained model: a small protocol, numpy in and numpy out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Evaluation:
    """What the model says about a batch of B images, without dropout or augmentation. C = K if decentralized, else 1.

    Attributes:
        responsibilities: float (B, K), K = 0 with the standard prior.
        mu, log_var: float (B, C, D), the posteriors. z: float (B, C, D), one sample with the image's fixed noise.
        component_kl: float (B, R), KL_z of each posterior to each component's prior in nats. R = 1 with one posterior for
            components whose priors of z are the same (or for a VampPrior), else K.
        probabilities: float (B, Y).
        losses: term -> float (B,), in nats and unweighted; always `reconstruction_loss`, `kl_z` and `elbo`; `classification_loss` is
            NaN where the label is -1. The same names in every batch.
    """

    responsibilities: np.ndarray
    mu: np.ndarray
    log_var: np.ndarray
    z: np.ndarray
    component_kl: np.ndarray
    probabilities: np.ndarray
    losses: Mapping[str, np.ndarray]


class Predictor(Protocol):
    """A trained model, numpy in and out. `collect` calls it with exactly `batch_size` rows every time."""

    @property
    def batch_size(self) -> int: ...

    def evaluate(self, images: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> Evaluation:
        """Evaluate `images` (B, H, W, L) in [0, 1]; `rows` int32 (B,) dataset rows, from which the noise of z follows;
        `labels` int32 (B,) visible classes, -1 none."""
        ...

    def decode(self, z: np.ndarray, components: np.ndarray) -> np.ndarray:
        """Mean images in [0, 1], float (B, H, W, L), of latents (B, D) decoded by component `components` int32 (B,)
        (0 for all without conditioning)."""
        ...

    def prior_sample(self, components: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Latents (B, D) drawn from p(z | component) with the standard normal `noise` (B, D)."""
        ...
