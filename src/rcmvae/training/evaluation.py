"""Evaluating a batch: no dropout, no augmentation, one fixed sample of the latent for every image."""

from __future__ import annotations

from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct
from jax import Array

from rcmvae.device import on_device
from rcmvae.model.extras import MixtureExtras
from rcmvae.model.network import Network
from rcmvae.model.routing import evaluation_context
from rcmvae.training.inputs import Inputs, batch_sources, forward_sources
from rcmvae.training.noise import row_noise
from rcmvae.training.recipe import Recipe
from rcmvae.training.step import as_floats, classify

Tree = TypeVar("Tree")


@struct.dataclass
class EvaluationArrays:
    """Images to evaluate (n, H, W, C), their fixed `noise` (n, C or S, D), `labels` (-1 none), `weights` (0 for padding)."""

    images: Array
    noise: Array
    labels: Array
    weights: Array


def evaluation_arrays(recipe: Recipe, images: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> EvaluationArrays:
    """The arrays of `images`, which lie at `rows` of their dataset and have `labels` (-1 none)."""
    noise = row_noise(rows, recipe.noise_shape)
    return on_device(EvaluationArrays(images, noise, labels, np.ones(len(images), np.float32)))  # pyright: ignore[reportArgumentType]


@struct.dataclass
class Evaluated:
    """What a batch comes to: the forward pass, and log p(y | x) (B, Y), None without classes."""

    extras: MixtureExtras
    log_probabilities: Array | None

    def hits(self, labels: Array) -> Array:
        """1 where the predicted class is the label (B,); 0 without classes."""
        if self.log_probabilities is None:
            return jnp.zeros(labels.shape[0])
        return (jnp.argmax(self.log_probabilities, axis=1) == labels).astype(jnp.float32)


def evaluate_batch(network: Network, recipe: Recipe, tau: Array, batch: EvaluationArrays) -> tuple[Evaluated, Inputs]:
    """A batch's forward pass, and what loss terms read of it."""
    images = as_floats(batch.images)
    centres = network.centres()
    encoded = network.encode(images, centres=centres)
    z = network.latents(encoded, batch.noise)
    extras = network.extras(images, encoded, z, evaluation_context(batch.noise), recipe.observation, recipe.routing.evaluation, centres)
    sources = batch_sources(recipe, network, {}, jnp.mean(extras.responsibilities, axis=0)) | forward_sources(extras)
    log_p = None if recipe.classifier is None else classify(network, recipe, tau, encoded, encoded.mean)
    if log_p is not None:
        sources |= {"label_log_probabilities": log_p, "labels": jnp.maximum(batch.labels, 0)}
    return Evaluated(extras, log_p), Inputs(recipe, sources)


def in_batches(tree: Tree, rows: int) -> Tree:
    """Every array (n, ...) of `tree` as (n / rows, rows, ...), padded with zeros if n is no multiple."""

    def split(array: Array) -> Array:
        missing = -array.shape[0] % rows
        padded = jnp.pad(array, ((0, missing), *((0, 0),) * (array.ndim - 1)))
        return padded.reshape(-1, rows, *array.shape[1:])

    return jax.tree.map(split, tree)
