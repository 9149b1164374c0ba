"""Everything random or scheduled in a step, computed at one place, and the weights by which components are decoded."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from rcmvae.config_training import Training
from rcmvae.model.schedules import ramp, rise


@struct.dataclass
class RoutingContext:
    """A step's keys and schedule values.

    Attributes:
        latent_key, dropout_key, augment_key: keys of the step's noise; None switches dropout and augmentation off.
        kl_z_factor, kl_c_factor, consistency_factor: anneal factors in [0, 1].
        router_learns: 0 during the routing warm-up, else 1: whether reconstruction's gradient reaches the router.
    """

    latent_key: Array
    dropout_key: Array | None
    augment_key: Array | None
    kl_z_factor: Array
    kl_c_factor: Array
    consistency_factor: Array
    router_learns: Array


def training_context(settings: Training, life_epoch: Array, key: Array) -> RoutingContext:
    """The context of a training step in epoch `life_epoch` (0-based, of the model's life) with its own `key`."""
    latent, dropout, augment = jax.random.split(key, 3)
    shape = settings.kl_anneal_schedule
    return RoutingContext(
        latent_key=latent,
        dropout_key=dropout,
        augment_key=augment,
        kl_z_factor=rise(shape, life_epoch, settings.kl_z_anneal_epochs),
        kl_c_factor=rise(shape, life_epoch, settings.kl_c_anneal_epochs),
        consistency_factor=ramp(life_epoch, warmup=settings.consistency_warmup_epochs, length=settings.consistency_ramp_epochs),
        router_learns=(life_epoch >= settings.routing_warmup_epochs).astype(jnp.float32),
    )


def evaluation_context(key: Array) -> RoutingContext:
    """The context of evaluation: no dropout, no augmentation, all weights at their final values."""
    one = jnp.ones(())
    return RoutingContext(
        latent_key=key, dropout_key=None, augment_key=None, kl_z_factor=one, kl_c_factor=one, consistency_factor=one, router_learns=one
    )


def routing_weights(log_r: Array, context: RoutingContext) -> Array:
    """s (B, K): the responsibilities, without gradient during the routing warm-up."""
    r = jnp.exp(log_r)
    return jnp.where(context.router_learns > 0, r, jax.lax.stop_gradient(r))
