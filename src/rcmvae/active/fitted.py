"""Images in memory as a pool, through a model that can be run."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np

from rcmvae.active.dropout import votes_of
from rcmvae.active.pool import Pool, certainty_without_labels, places_of
from rcmvae.images import in_batches
from rcmvae.training.predictor import ModelPredictor


def pool_of_images(
    predictor: ModelPredictor, images: np.ndarray, known: np.ndarray, percentile: Callable[[np.ndarray], np.ndarray], *, blend: float = 0.0
) -> Pool:
    """The images of which no label is known, as `predictor` sees them; a suggestion names an image's position.

    Args:
        images: (N, H, W, C), checked. known: bool (N,), whose label is known. blend: share of the reconstruction in the OOD score.
        percentile: images -> (n,), the percentile of their reconstruction loss.
    """
    recipe = predictor.recipe
    batches = [predictor.classify(batch) for batch in in_batches(images, predictor.batch_size)]
    found = jax.tree.map(lambda *parts: np.concatenate(parts)[: len(images)], *batches)
    responsibilities = np.asarray(found.responsibilities) if recipe.mixture else np.zeros((len(images), 0), np.float32)
    places = places_of(found.mean_latent, responsibilities, decentralized=recipe.plan.decentralized)
    certainty = np.asarray(found.certainty) if recipe.labelled else certainty_without_labels(responsibilities, recipe.classes)
    return Pool(
        index=np.flatnonzero(~known),
        probabilities=np.asarray(found.probabilities)[~known],
        responsibilities=responsibilities[~known],
        places=places[~known],
        labelled_places=places[known],
        certainty=None if certainty is None else certainty[~known],
        percentile=lambda: percentile(images[~known]),
        blend=blend,
        seen_labels=recipe.labelled,
        dropout_rate=recipe.settings.dropout_rate,
        votes=lambda: votes_of(predictor, images[~known]),
    )
