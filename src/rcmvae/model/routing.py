"""Everything random or scheduled in a step, computed at one place, and the weights by which components are decoded."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from rcmvae.choices import Choices, Numbers
from rcmvae.model.plan import HEAD_WIDTH, NetworkPlan
from rcmvae.model.schedules import fall

AFFINE_DRAWS = 4
"""Uniform numbers that one random affine view takes: angle, scale, two shifts."""


COLOUR_DRAWS = 2
"""Uniform numbers that one random change of a channel takes: contrast, brightness."""


@struct.dataclass
class ViewDraws:
    """What random views are made from, uniform in [-1, 1): `places` (R, 4), `colours` (R, 2, C) and `sides` (R,); None where those stay."""

    places: Array
    colours: Array | None = None
    sides: Array | None = None

    def after(self, rows: int) -> ViewDraws:
        """The draws of all rows but the first `rows`."""
        return jax.tree.map(lambda draws: draws[rows:], self)


@dataclass(frozen=True)
class Routing:
    """How components are chosen for decoding, as far as it decides what is compiled.

    Attributes:
        gumbel: sampled while training; straight_through: and hardened. top_m: decode only that many, 0 for all.
        soft_embeddings: decode once, on the average embedding, in the first epochs. open: components that a curriculum has
            opened, all that are decoded; 0 for all. kicks: newly opened ones are pushed.
    """

    gumbel: bool = False
    straight_through: bool = False
    top_m: int = 0
    soft_embeddings: bool = False
    open: int = 0
    kicks: bool = False

    @property
    def evaluation(self) -> Routing:
        """Evaluation decodes every component, each with its own embedding, without noise."""
        return replace(self, top_m=0, soft_embeddings=False, kicks=False)


def routing_of(choices: Choices, plan: NetworkPlan) -> Routing:
    """The routing that a run's choices ask for."""
    if not plan.has_logits:
        return Routing()
    return Routing(
        gumbel=choices.use_gumbel_softmax,
        straight_through=choices.use_gumbel_softmax and choices.use_straight_through_gumbel,
        top_m=choices.top_m_gating if 0 < choices.top_m_gating < plan.components else 0,
        soft_embeddings=choices.on("soft_embedding_warmup_epochs") and plan.embedding > 0,
        kicks=choices.curriculum_enabled,
    )


@struct.dataclass
class RoutingContext:
    """A step's noise and schedule values. Rows R: the step's images and all views of them that are encoded.

    Attributes:
        latent_noise: (R, C, D) standard normal; (R, S, D) for a prior whose KL is estimated from S samples.
        dropout_draws: for each hidden layer of the encoder, random uint16, one for each activation of the R rows; None
            without dropout. head_draws: (R, 64) likewise for the classifier head.
        view_draws: what views are made from; None without augmentation.
        life_epoch: finished epochs of the model's life; None in evaluation, where all weights have their final values.
        router_learns: 0 during the routing warm-up, else 1: whether reconstruction's gradient reaches the router.
        gumbel_noise: (B, K) standard Gumbel, for the images that are decoded; None without sampling. temperature: its softness.
        embeds_softly: whether the decoder runs once, on the average embedding.
        kick: (K,) added to component logits, and kick_temperature by which they are then divided, while a newly opened component
            is pushed; 0 and 1 otherwise.
    """

    latent_noise: Array
    dropout_draws: tuple[Array, ...] | None
    head_draws: Array | None
    view_draws: ViewDraws | None
    life_epoch: Array | None
    router_learns: Array
    gumbel_noise: Array | None
    temperature: Array
    embeds_softly: Array
    kick: Array
    kick_temperature: Array


def noise_shape(choices: Choices, plan: NetworkPlan) -> tuple[int, int]:
    """Standard normal numbers that one image's latents take: (C, D), or (S, D) for an estimated KL."""
    return (choices.vamp_num_samples_kl if plan.prior == "vamp" else plan.posteriors, plan.latent)


def temperature(choices: Choices, numbers: Numbers, life_epoch: Any) -> Array:
    """The Gumbel-Softmax temperature in epoch `life_epoch` (0-based, of the model's life)."""
    return fall(
        choices.gumbel_temperature_schedule, life_epoch, start=numbers.gumbel_temperature, end=numbers.gumbel_temperature_min,
        length=numbers.gumbel_temperature_anneal_epochs,
    )  # fmt: skip


def training_context(
    choices: Choices, numbers: Numbers, plan: NetworkPlan, *, rows: int, decoded: int, augmented: bool, life_epoch: Array, key: Array,
    opened: Array | None = None,
) -> RoutingContext:  # fmt: skip
    """The context of a training step that encodes `rows` rows, the first `decoded` of which are decoded.

    `life_epoch` counts from 0 over the model's life; `key` is the step's own; `opened` (K,) says since which epoch a component is
    open, -1 since the start.

    All random bits of a step come from one call: each call compiles a generator of its own, which takes longer than
    everything else in the step.
    """
    samples, width = noise_shape(choices, plan)
    latent = rows * samples * width
    gumbel = decoded * plan.components if routing_of(choices, plan).gumbel else 0
    affine = rows * AFFINE_DRAWS if augmented else 0
    halves = [rows * width for width in hidden_activations(plan)] if choices.on("dropout_rate") else []
    head = rows * HEAD_WIDTH if choices.on("dropout_rate") and plan.classes else 0
    words = math.ceil((sum(halves) + head) / 2)
    channels = plan.input_shape[2]
    colour = rows * COLOUR_DRAWS * channels if choices.on("augment_colour") else 0
    mirrored = rows if choices.augment_flip else 0
    bits = jax.random.bits(key, (latent + affine + words + gumbel + colour + mirrored,), jnp.uint32)
    noise = standard_normal(bits[:latent]).reshape(rows, samples, width)
    views = None
    if augmented:
        places = 2.0 * unit_interval(bits[latent : latent + affine]).reshape(rows, AFFINE_DRAWS) - 1.0
        last = latent + affine + words + gumbel
        colours = 2.0 * unit_interval(bits[last : last + colour]).reshape(rows, COLOUR_DRAWS, channels) - 1.0 if colour else None
        views = ViewDraws(places, colours, 2.0 * unit_interval(bits[last + colour :]) - 1.0 if mirrored else None)
    draws: tuple[Array, ...] | None = None
    head_draws = None
    if halves:
        pairs = jax.lax.bitcast_convert_type(bits[latent + affine : latent + affine + words], jnp.uint16).reshape(-1)
        starts = [sum(halves[:index]) for index in range(len(halves) + 1)]
        draws = tuple(pairs[start : start + size] for start, size in zip(starts, halves, strict=False))
        head_draws = pairs[starts[-1] : starts[-1] + head].reshape(rows, HEAD_WIDTH) if head else None
    new = jnp.zeros(plan.components, bool) if opened is None else (opened >= 0) & (life_epoch - opened < numbers.curriculum_kick_epochs)
    return RoutingContext(
        latent_noise=noise,
        dropout_draws=draws,
        head_draws=head_draws,
        view_draws=views,
        life_epoch=life_epoch,
        router_learns=(life_epoch >= numbers.routing_warmup_epochs).astype(jnp.float32),
        gumbel_noise=standard_gumbel(bits[latent + affine + words : latent + affine + words + gumbel]).reshape(decoded, plan.components)
        if gumbel
        else None,
        temperature=temperature(choices, numbers, life_epoch),
        embeds_softly=life_epoch < numbers.soft_embedding_warmup_epochs,
        kick=jnp.where(new, numbers.curriculum_kick_logit_bias, 0.0),
        kick_temperature=jnp.where(jnp.any(new), numbers.curriculum_kick_temperature, 1.0),
    )


def evaluation_context(noise: Array) -> RoutingContext:
    """The context of evaluation with `noise` (B, C, D): no dropout, no augmentation, all weights at their final values."""
    one = jnp.ones(())
    return RoutingContext(
        latent_noise=noise, dropout_draws=None, head_draws=None, view_draws=None,
        life_epoch=None, router_learns=one, gumbel_noise=None, temperature=one,
        embeds_softly=jnp.zeros((), bool), kick=jnp.zeros(()), kick_temperature=one,
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


def standard_gumbel(bits: Array) -> Array:
    """Random uint32 as standard Gumbel float32: -log(-log u)."""
    # 23 bits and a half step: never 0 or 1, where the logarithms are infinite
    uniform = ((bits >> 9).astype(jnp.float32) + 0.5) * (1.0 / (1 << 23))
    return -jnp.log(-jnp.log(uniform))


def routing_weights(log_r: Array, context: RoutingContext, routing: Routing) -> tuple[Array, Array | None]:
    """s (B, K), by which components are decoded; gated, the M largest (B, M), renormalised, and which they are (B, M).

    Sampled routing is the Gumbel-Softmax (Jang et al. 2017, Maddison et al. 2017): softmax((log r + g) / T), hardened forwards
    under straight-through. Without noise, hardened routing takes the most responsible component. No gradient passes during the
    routing warm-up.
    """
    if routing.kicks:
        # responsibilities, and all else that is read off them, never see the kick
        log_r = jax.nn.log_softmax((log_r + context.kick) / context.kick_temperature, axis=-1)
    soft = sampled_weights(log_r, context) if routing.gumbel else jnp.exp(log_r)
    chosen = None
    if routing.top_m:
        soft, chosen = jax.lax.top_k(soft, routing.top_m)
        soft = soft / jnp.sum(soft, axis=1, keepdims=True)
    if routing.straight_through:
        hard = jax.nn.one_hot(jnp.argmax(soft, axis=1), soft.shape[1], dtype=soft.dtype)
        soft = hard if context.gumbel_noise is None else hard + soft - jax.lax.stop_gradient(soft)
    return held(soft, context), chosen


def sampled_weights(log_r: Array, context: RoutingContext) -> Array:
    """The Gumbel-Softmax weights (B, K) before any gating or hardening; r itself where no noise was drawn."""
    if context.gumbel_noise is None:
        return jnp.exp(log_r)
    return jax.nn.softmax((log_r + context.gumbel_noise) / context.temperature, axis=-1)


def held(weights: Array, context: RoutingContext) -> Array:
    """Routing weights without gradient during the routing warm-up."""
    return jnp.where(context.router_learns > 0, weights, jax.lax.stop_gradient(weights))
