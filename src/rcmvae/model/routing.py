"""Everything random or scheduled in a step, computed at one place, and the weights by which components are decoded."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from rcmvae.config_training import Training
from rcmvae.model.plan import HEAD_WIDTH, NetworkPlan
from rcmvae.model.schedules import ramp, rise
from rcmvae.scalars import Scalars

AFFINE_DRAWS = 4
"""Uniform numbers that one random affine view takes: angle, scale, two shifts."""


@struct.dataclass
class RoutingContext:
    """A step's noise and schedule values. Rows R: the step's images and all views of them that are encoded.

    Attributes:
        latent_noise: (R, C, D) standard normal.
        dropout_draws: for each hidden layer of the encoder, random uint16, one for each activation of the R rows; None
            without dropout. head_draws: (R, 64) likewise for the classifier head.
        affine_draws: (R, 4) uniform in [-1, 1); None without augmentation.
        kl_z_factor, kl_c_factor, consistency_factor: anneal factors in [0, 1].
        router_learns: 0 during the routing warm-up, else 1: whether reconstruction's gradient reaches the router.
    """

    latent_noise: Array
    dropout_draws: tuple[Array, ...] | None
    head_draws: Array | None
    affine_draws: Array | None
    kl_z_factor: Array
    kl_c_factor: Array
    consistency_factor: Array
    router_learns: Array


def training_context(
    settings: Training, scalars: Scalars, plan: NetworkPlan, *, rows: int, augmented: bool, life_epoch: Array, key: Array
) -> RoutingContext:
    """The context of a training step that encodes `rows` rows, in epoch `life_epoch` (0-based, of the model's life), with its own `key`.

    All random bits of a step come from one call: each call compiles a generator of its own, which takes longer than
    everything else in the step.
    """
    latent = rows * plan.posteriors * plan.latent
    affine = rows * AFFINE_DRAWS if augmented else 0
    halves = [rows * width for width in hidden_activations(plan)] if settings.dropout_rate != 0 else []
    head = rows * HEAD_WIDTH if settings.dropout_rate != 0 and plan.classes else 0
    words = math.ceil((sum(halves) + head) / 2)
    bits = jax.random.bits(key, (latent + affine + words,), jnp.uint32)
    noise = standard_normal(bits[:latent]).reshape(rows, plan.posteriors, plan.latent)
    views = 2.0 * unit_interval(bits[latent : latent + affine]).reshape(rows, AFFINE_DRAWS) - 1.0 if augmented else None
    draws: tuple[Array, ...] | None = None
    head_draws = None
    if halves:
        pairs = jax.lax.bitcast_convert_type(bits[latent + affine :], jnp.uint16).reshape(-1)
        starts = [sum(halves[:index]) for index in range(len(halves) + 1)]
        draws = tuple(pairs[start : start + size] for start, size in zip(starts, halves, strict=False))
        head_draws = pairs[starts[-1] : starts[-1] + head].reshape(rows, HEAD_WIDTH) if head else None
    shape = settings.kl_anneal_schedule
    return RoutingContext(
        latent_noise=noise,
        dropout_draws=draws,
        head_draws=head_draws,
        affine_draws=views,
        kl_z_factor=rise(shape, life_epoch, scalars.kl_z_anneal_epochs),
        kl_c_factor=rise(shape, life_epoch, scalars.kl_c_anneal_epochs),
        consistency_factor=ramp(life_epoch, warmup=scalars.consistency_warmup_epochs, length=scalars.consistency_ramp_epochs),
        router_learns=(life_epoch >= scalars.routing_warmup_epochs).astype(jnp.float32),
    )


def evaluation_context(noise: Array) -> RoutingContext:
    """The context of evaluation with `noise` (B, C, D): no dropout, no augmentation, all weights at their final values."""
    one = jnp.ones(())
    return RoutingContext(
        latent_noise=noise, dropout_draws=None, head_draws=None, affine_draws=None,
        kl_z_factor=one, kl_c_factor=one, consistency_factor=one, router_learns=one,
    )  # fmt: skip


def hidden_activations(plan: NetworkPlan) -> tuple[int, ...]:
    """Activations of each hidden layer of the encoder for one image."""
    if plan.encoder_conv:
        return tuple(stage.out_size[0] * stage.out_size[1] * stage.out_width for stage in plan.encoder_conv)
    return plan.encoder_dense


def unit_interval(bits: Array) -> Array:
    """Random uint32 as float32, uniform in [0, 1)."""
    return (bits >> 8).astype(jnp.float32) * (1.0 / (1 << 24))


def standard_normal(bits: Array) -> Array:
    """Random uint32 as standard normal float32, by the inverse of the normal distribution function."""
    # the half step keeps the argument inside (-1, 1), where the inverse is finite
    centred = 2.0 * unit_interval(bits) - 1.0 + 1.0 / (1 << 24)
    return math.sqrt(2.0) * jax.lax.erf_inv(centred)


def routing_weights(log_r: Array, context: RoutingContext) -> Array:
    """s (B, K): the responsibilities, without gradient during the routing warm-up."""
    r = jnp.exp(log_r)
    return jnp.where(context.router_learns > 0, r, jax.lax.stop_gradient(r))
