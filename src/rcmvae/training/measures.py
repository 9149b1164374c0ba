"""What a training step reports beside its loss terms, each named once."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from rcmvae.terms.term import Measure
from rcmvae.training.recipe import Recipe


def hits(label_log_probabilities: Array, labels: Array) -> Array:
    """1 where the predicted class is the label (L,)."""
    return (jnp.argmax(label_log_probabilities, axis=1) == labels).astype(jnp.float32)


def sureness(responsibilities: Array) -> Array:
    """The largest responsibility (B,)."""
    return jnp.max(responsibilities, axis=1)


def sigma_at_bound(decoded_responsibilities: Array, noise_level: Array, sigma_min: Array, sigma_max: Array) -> Array:
    """1 where the expected noise level, by responsibilities of the decoded, lies within 1 % of one of its bounds (B,)."""
    expected = jnp.sum(decoded_responsibilities * noise_level, axis=1)
    margin = 0.01 * (sigma_max - sigma_min)
    return ((expected < sigma_min + margin) | (expected > sigma_max - margin)).astype(jnp.float32)


ACCURACY = Measure("accuracy", "labelled", hits, lambda recipe: recipe.labelled_rows > 0)
OF_IMAGES = (
    Measure("max_responsibility", "image", sureness, lambda recipe: recipe.mixture),
    Measure("max_gumbel_weight", "image", lambda sampled_weights: jnp.max(sampled_weights, axis=1), lambda recipe: recipe.routing.gumbel),
    Measure("sigma_at_bound", "image", sigma_at_bound, lambda recipe: recipe.plan.likelihood == "heteroscedastic"),
)


def step_measures(recipe: Recipe) -> tuple[Measure, ...]:
    """What a training step measures beside its terms."""
    return tuple(measure for measure in (ACCURACY, *recipe.measures, *OF_IMAGES) if measure.applies(recipe))
