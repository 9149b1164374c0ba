"""AdamW over the flat parameters, with the masks that say what decays and what may move at all.

Adam's moments are optax's; the step size is applied here, because it follows the run's progress and not the
optimiser's own count, which goes on over runs.
"""

from __future__ import annotations

import math
from typing import Any, cast

import jax.numpy as jnp
import optax
from jax import Array

from rcmvae.model.network import PI, Parameters
from rcmvae.training.recipe import Recipe

FINAL_SHARE = 0.05
"""Share of the peak learning rate that a cosine schedule ends at."""


PSEUDO = "prior.pseudo_logits"
"""The VampPrior's pseudo-images."""


HEADS = frozenset(f"encoder.{head}.kernel" for head in ("logits", "mean", "log_var"))
HEAD_FEATURES = 256
"""Features that an encoder's heads may read at the full rate."""


def decays(name: str) -> bool:
    """Whether weight decay acts on a parameter: on kernels alone, not on biases, norms, embeddings or the prior's."""
    return name.endswith(".kernel")


def kernels(parameters: Parameters, recipe: Recipe) -> tuple[Array, ...]:
    """The parameters that decay and L1 act on in this run."""
    return tuple(value for name, value in parameters.items() if decays(name) and trains(name, recipe))


def trains(name: str, recipe: Recipe) -> bool:
    """Whether a parameter may move in this run: the head rests while tau classifies, pi while it is fixed."""
    if name.startswith("head."):
        return recipe.classifier == "head" and recipe.labelled
    if name == PI:
        return recipe.learns_pi
    return True


def share_of_step(name: str, value: Array, recipe: Recipe) -> Array | float:
    """The share of Adam's step that a parameter takes.

    Adam moves every weight by about the rate, so what a head says moves by the rate times the features it reads. A convolutional
    trunk ends in thousands: their heads would throw images from one component to another in a single step. Their rate falls
    with the features, as for wide layers in Yang et al. (2021, arXiv:2203.03466).
    """
    if name == PSEUDO:
        return recipe.numbers.vamp_pseudo_lr_scale
    if name in HEADS and recipe.plan.encoder_conv:
        return min(1.0, HEAD_FEATURES / value.shape[0])
    return 1.0


def learning_rate(recipe: Recipe, run_epoch: Array, position: Array) -> Array:
    """The rate of a step: constant, or a cosine from the peak to 5 % of it over the run's epochs."""
    peak = recipe.numbers.learning_rate
    if recipe.choices.learning_rate_schedule == "constant":
        return peak
    steps = recipe.numbers.max_epochs * recipe.steps
    progress = jnp.clip((run_epoch * recipe.steps + position).astype(jnp.float32) / steps, 0.0, 1.0)
    return peak * (FINAL_SHARE + (1.0 - FINAL_SHARE) * 0.5 * (1.0 + jnp.cos(math.pi * progress)))


def global_norm(gradients: Parameters) -> Array:
    """The Euclidean norm over all entries."""
    return optax.tree.norm(gradients)


def adamw(
    recipe: Recipe,
    parameters: Parameters,
    gradients: Parameters,
    norm: Array,
    first: Parameters,
    second: Parameters,
    updates: Array,
    rate: Array,
) -> tuple[Parameters, Parameters, Parameters, Array]:
    """One step of AdamW (Loshchilov & Hutter 2019) on gradients clipped to the global norm.

    Returns new parameters, first and second moments and the count of updates.
    """
    scale = jnp.minimum(1.0, recipe.numbers.grad_clip_norm / jnp.maximum(norm, 1e-12))
    gradients = {name: value * scale for name, value in gradients.items()}
    adam = optax.scale_by_adam()
    moves, after = adam.update(gradients, optax.ScaleByAdamState(updates, first, second))
    directions, state = cast(Parameters, moves), cast(Any, after)
    decay = recipe.numbers.weight_decay
    moved: Parameters = {}
    for name, value in parameters.items():
        if not trains(name, recipe):
            moved[name] = value
            continue
        step = directions[name] + decay * value if decays(name) else directions[name]
        moved[name] = value - rate * (step * share_of_step(name, value, recipe))
    return moved, state.mu, state.nu, state.count
