"""Where a VampPrior's pseudo-images start: at training images, or at the centres of their clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from rcmvae.device import on_device
from rcmvae.training.errors import TrainingError
from rcmvae.training.optimiser import PSEUDO
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import TrainState

MARGIN = 0.01
"""Pixels start within [0.01, 0.99]: at 0 and 1 a sigmoid's input is infinite."""
CLUSTERED = 10_000
"""k-means looks at no more images than these; its centres move little with more."""


def with_pseudo_images(state: TrainState, images: np.ndarray, recipe: Recipe) -> TrainState:
    """The state with pseudo-images from training `images` (N, H, W, C), drawn by the run's seed. Raises TrainingError."""
    chosen = pseudo_images(images, recipe.plan.components, recipe.settings.random_seed, recipe.plan.pseudo_from)
    inside = np.clip(chosen, MARGIN, 1.0 - MARGIN)
    logits = on_device((np.log(inside) - np.log1p(-inside)).astype(np.float32))
    return replace(state, parameters=state.parameters | {PSEUDO: logits}, prior_ready=jnp.ones_like(state.prior_ready))


def pseudo_images(images: np.ndarray, count: int, seed: int, method: str) -> np.ndarray:
    """`count` images, float64 in [0, 1]: distinct ones at random, or k-means centres (`random`, `kmeans`).

    Raises TrainingError if there are fewer distinct images than that.
    """
    rng = np.random.default_rng(seed)
    distinct = _distinct(images, rng, CLUSTERED if method == "kmeans" else count)
    if len(distinct) < count:
        raise TrainingError(
            f"num_components={count} needs as many distinct training images to start pseudo-images from, and there are {len(distinct)}. "
            "Clone the model with fewer components, or onto a larger sample."
        )
    pictures = images[distinct].astype(np.float64) / (255.0 if images.dtype == np.uint8 else 1.0)
    if method == "random":
        return pictures[:count]
    from sklearn.cluster import KMeans

    build: Any = KMeans
    return (
        build(count, n_init=3, random_state=seed)
        .fit(pictures.reshape(len(pictures), -1))
        .cluster_centers_.reshape(count, *images.shape[1:])
    )


def _distinct(images: np.ndarray, rng: np.random.Generator, most: int) -> np.ndarray:
    """Positions of at most `most` images that all differ, in random order."""
    seen: set[bytes] = set()
    chosen = []
    for place in rng.permutation(len(images)):
        content = images[place].tobytes()
        if content not in seen:
            seen.add(content)
            chosen.append(place)
            if len(chosen) == most:
                break
    return np.array(chosen, np.int64)
