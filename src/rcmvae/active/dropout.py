"""What a model says with dropout on: several passes whose disagreement tells what it has not learnt yet."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from rcmvae.active.strategies import DROPOUT_PASSES
from rcmvae.config import Training
from rcmvae.images import in_batches
from rcmvae.model.network import Parameters
from rcmvae.model.plan import HEAD_WIDTH
from rcmvae.model.routing import hidden_activations
from rcmvae.suggestions import SuggestionError, TrainedModel
from rcmvae.training.checkpoint import Identity, load
from rcmvae.training.compiling import compiled_for
from rcmvae.training.errors import TrainingError
from rcmvae.training.predictor import ModelPredictor
from rcmvae.training.recipe import Recipe, recipe_of
from rcmvae.training.step import as_floats, classify

KEY = 20
"""Seed of the dropout masks: fixed, so that the same model and images get the same scores."""


def votes_of(predictor: ModelPredictor, images: np.ndarray, passes: int = DROPOUT_PASSES) -> np.ndarray:
    """p(y|x) of `images` (N, H, W, C) under `passes` draws of dropout in encoder and head, float32 (passes, N, Y).

    Latents are posterior means, as in prediction. The same arguments give the same numbers.

    Raises TrainingError if the model has no classes or no dropout: then all passes would agree.
    """
    recipe = predictor.recipe
    if recipe.classifier is None or recipe.settings.dropout_rate == 0:
        raise TrainingError("passes with dropout need a model with classes and a dropout_rate above 0")
    vote = _compiled(recipe.code)
    size = predictor.batch_size
    parts = [
        np.asarray(
            vote(
                recipe.numbers,
                predictor.parameters,
                predictor.active,
                predictor.tau,
                jnp.asarray(batch),
                jnp.int32(number),
                jnp.arange(passes),
            )
        )
        for number, batch in enumerate(in_batches(images, size))
    ]
    return np.concatenate(parts, axis=1)[:, : len(images)] if parts else np.zeros((passes, 0, recipe.classes), np.float32)


def predictor_of(model: TrainedModel, tau: np.ndarray | None = None, *, batch_size: int | None = None) -> ModelPredictor:
    """A stored model, ready to run, with `tau` (K, Y) in place of the one it was trained with if that is given.

    Args:
        batch_size: rows of every batch, if not as many as memory allows.

    Raises SuggestionError for a checkpoint that cannot be used.
    """
    settings = cast(Training, model.training)
    classes = len(model.class_names) if tau is None else tau.shape[1]
    recipe = recipe_of(model.resolved, settings, classes=classes, n_train=1, n_validation=0, labelled=True, validation_labelled=False)
    identity = Identity(model.architecture, model.training, model.resolved, model.fingerprint, "", model.class_names)
    try:
        state = load(model.weights, recipe.plan, identity).state
    except TrainingError as error:
        raise SuggestionError(str(error), "model") from error
    return ModelPredictor(recipe, state, tau=tau, batch_size=batch_size)


@lru_cache(maxsize=4)
def _compiled(code: Recipe) -> Any:
    return compiled_for(code, _votes)


def _votes(parameters: Parameters, active: Array, tau: Array, images: Array, batch: Array, passes: Array, *, recipe: Recipe) -> Array:
    """(T, B, Y) for pass numbers `passes` (T,) over the images of one `batch`."""
    network = recipe.bind(parameters, active)
    pictures = as_floats(images)
    rows = images.shape[0]
    halves = [rows * width for width in hidden_activations(recipe.plan)]
    head = rows * HEAD_WIDTH

    def one(number: Array) -> Array:
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(KEY), number), batch)
        bits = jax.random.bits(key, (math.ceil((sum(halves) + head) / 2),), jnp.uint32)
        draws = jax.lax.bitcast_convert_type(bits, jnp.uint16).reshape(-1)
        starts = [sum(halves[:layer]) for layer in range(len(halves) + 1)]
        hidden = tuple(draws[start : start + size] for start, size in zip(starts, halves, strict=False))
        encoded = network.encode(pictures, dropout_rate=recipe.numbers.dropout_rate, draws=hidden)
        last = draws[starts[-1] : starts[-1] + head].reshape(rows, HEAD_WIDTH)
        return jnp.exp(classify(network, recipe, tau, encoded, encoded.mean, draws=last))

    return jax.lax.map(one, passes)
