"""What strategies may know: the model's view of the unlabelled training samples, and where the labelled ones lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pool:
    """N unlabelled samples to choose from. Sizes: K components (0 with a standard prior), Y classes, E place coordinates.

    True labels have no place here: a strategy cannot read what is not given to it.

    Attributes:
        index: int64 (N,), ascending; what a suggestion names (a dataset row, or a position).
        probabilities: (N, Y) p(y|x). responsibilities: (N, K) r(c|x).
        places: float64 (N, E), where samples lie for distances (see `places_of`). labelled_places: (M, E) likewise of labelled ones.
        certainty: float (N,) in [0, 1]; None if nothing can be recognised yet (no labels and no components).
        percentile: () -> (N,), the reconstruction loss's percentile in [0, 1]. blend: its share in the OOD score.
        seen_labels: whether the model was trained with any label; without one its class probabilities mean nothing.
        dropout_rate: the model's. votes: () -> (T, N, Y), p(y|x) of T passes with dropout; None where the model cannot be run
            here, and `no_votes` says what to do instead.
    """

    index: np.ndarray
    probabilities: np.ndarray
    responsibilities: np.ndarray
    places: np.ndarray
    labelled_places: np.ndarray
    certainty: np.ndarray | None
    percentile: Callable[[], np.ndarray]
    blend: float = 0.0
    seen_labels: bool = True
    dropout_rate: float = 0.0
    votes: Callable[[], np.ndarray] | None = None
    no_votes: str = ""

    @property
    def classes(self) -> int:
        """Y, the number of classes."""
        return self.probabilities.shape[1]

    @property
    def components(self) -> int:
        """K, the number of components."""
        return self.responsibilities.shape[1]


def places_of(latents: np.ndarray, responsibilities: np.ndarray, *, decentralized: bool) -> np.ndarray:
    """Where samples lie for distances, float64 (N, E): their latents (N, D).

    With decentralized latents every component has an origin of its own, and two images at the origins of different components
    are no neighbours. sqrt(D) r is then appended: it sets two components as far apart as two draws of N(0, I) are on average
    (a mean squared distance of 2 D).
    """
    latents = np.asarray(latents, np.float64)
    if not decentralized:
        return latents
    return np.concatenate([latents, np.sqrt(latents.shape[1]) * np.asarray(responsibilities, np.float64)], axis=1)


def certainty_without_labels(responsibilities: np.ndarray, classes: int) -> np.ndarray | None:
    """The certainty max_k r_k max_y tau_ky of a tau that is uniform because there is no label: max_k r_k / Y, (N,); None
    without components."""
    if responsibilities.shape[1] == 0:
        return None
    return responsibilities.max(axis=1) / max(1, classes)
