"""Optimisers as optax has them, without their rate, which follows the run; and that rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import optax
from jax import Array

if TYPE_CHECKING:
    from traffic.config_training import Training

Parameters = dict[str, Array]

DECAYED = (".kernel", ".recurrent")
"""How names of matrices end."""


def decays(name: str, value: Array) -> bool:
    """Whether weight decay acts on a parameter: on matrices alone, not on biases, norms, embeddings or convolutions."""
    return value.ndim >= 2 and name.endswith(DECAYED) and ".conv." not in f".{name}"


def direction(settings: Training) -> optax.GradientTransformation:
    """Where to go, in units of the rate, to be subtracted: Adam (Kingma and Ba 2015), AdamW (Loshchilov and Hutter 2019), or SGD with
    momentum and the decay in its gradient."""
    chosen = settings.optimizer
    decay = optax.add_decayed_weights(chosen.weight_decay, _decaying)
    if chosen.name == "sgd":
        return optax.chain(decay, optax.trace(chosen.momentum))
    adam = optax.scale_by_adam(*chosen.betas, eps=chosen.eps)
    return optax.chain(adam, decay) if chosen.name == "adamw" else adam


def _decaying(parameters: Any) -> dict[str, bool]:
    return {name: decays(name, value) for name, value in parameters.items()}


def clipped(gradients: Parameters, norm: Array, limit: float | None) -> Parameters:
    """Gradients whose norm over all entries is at most `limit`."""
    if limit is None:
        return gradients
    scale = jnp.minimum(1.0, limit / jnp.maximum(norm, 1e-12))
    return jax.tree.map(lambda gradient: gradient * scale, gradients)


def learning_rate(settings: Training, *, epoch: Array, step: Array, steps: int, shrunk: Array) -> Array:
    """The rate of a step.

    Args:
        epoch: finished epochs of the run. step: finished steps of the epoch. steps: of an epoch. shrunk: what a plateau has left of the
            rate, 1 at first.
    """
    schedule, peak = settings.schedule, settings.optimizer.learning_rate
    least = min(schedule.min_lr, peak)
    done = epoch * steps + step
    if schedule.name == "cosine":
        share = jnp.clip(done / max(1, settings.epochs * steps - 1), 0.0, 1.0)
        rate = least + (peak - least) * 0.5 * (1.0 + jnp.cos(math.pi * share))
    elif schedule.name == "step":
        rate = jnp.maximum(least, peak * schedule.factor ** (epoch // schedule.patience))
    elif schedule.name == "plateau":
        rate = jnp.maximum(least, peak * shrunk)
    else:
        rate = jnp.asarray(peak)
    warm = jnp.minimum(1.0, (done + 1) / max(1, schedule.warmup_steps))
    return (rate * warm).astype(jnp.float32)
