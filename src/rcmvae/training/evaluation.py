"""Evaluating a batch: no dropout, no augmentation, one fixed sample of the latent for every image."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from rcmvae.model.network import Network
from rcmvae.model.routing import RoutingContext, evaluation_context
from rcmvae.training.recipe import Recipe
from rcmvae.training.step import as_floats, classify
from rcmvae.training.terms import View

EVALUATION_SEED = 20
"""Seed of the noise of evaluation; an image's own noise follows from it and the image's dataset row."""

Tree = TypeVar("Tree")


@struct.dataclass
class EvaluationArrays:
    """Images to evaluate, padded: (n, H, W, C); dataset `rows`, `labels` (-1 none), `weights` 0 for padding."""

    images: Array
    rows: Array
    labels: Array
    weights: Array


def final_context() -> RoutingContext:
    """The context of evaluation."""
    return evaluation_context(jax.random.key(EVALUATION_SEED))


def row_noise(rows: Array, shape: tuple[int, ...]) -> Array:
    """Standard normal noise (B, *shape), fixed for each dataset row."""
    key = jax.random.key(EVALUATION_SEED)
    return jax.vmap(lambda row: jax.random.normal(jax.random.fold_in(key, row), shape))(rows)


def evaluate_batch(network: Network, recipe: Recipe, tau: Array, batch: EvaluationArrays) -> tuple[View, Array]:
    """The view that loss terms read, and 1 where the predicted class is the label (B,)."""
    images = as_floats(batch.images)
    encoded = network.encode(images)
    z = encoded.mean + jnp.exp(0.5 * encoded.log_var) * row_noise(batch.rows, encoded.mean.shape[1:])
    extras = network.extras(images, encoded, z, final_context(), recipe.observation)
    log_pi = network.prior.log_pi(learnable=recipe.settings.learnable_pi)
    view = View(usage=jnp.mean(extras.responsibilities, axis=0), log_pi=log_pi, extras=extras)
    hits = jnp.zeros(images.shape[0])
    if recipe.classifier is not None:
        log_p = classify(network, recipe, tau, encoded, encoded.mean)
        view = replace(view, label_log_probabilities=log_p, labels=jnp.maximum(batch.labels, 0))
        hits = (jnp.argmax(log_p, axis=1) == batch.labels).astype(jnp.float32)
    return view, hits


def in_batches(tree: Tree, rows: int) -> Tree:
    """Every array (n, ...) of `tree` as (n / rows, rows, ...), padded with zeros if n is no multiple."""

    def split(array: Array) -> Array:
        missing = -array.shape[0] % rows
        padded = jnp.pad(array, ((0, missing), *((0, 0),) * (array.ndim - 1)))
        return padded.reshape(-1, rows, *array.shape[1:])

    return jax.tree.map(split, tree)
