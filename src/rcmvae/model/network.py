"""The whole network: encoder, prior, decoder and classifier head, and the forward pass through them.

Parameters live in one flat mapping from dotted name to array. `Network.create` makes it, `bind` puts it back into a
module inside a compiled function: the module is split once, and all training runs on the mapping.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from rcmvae.device import on_device
from rcmvae.model.decoder import Decoder
from rcmvae.model.encoder import Encoder
from rcmvae.model.extras import Decoded, Encoded, MixtureExtras
from rcmvae.model.head import ClassifierHead
from rcmvae.model.likelihood import Observation
from rcmvae.model.plan import NetworkPlan
from rcmvae.model.priors import PRIORS
from rcmvae.model.priors.base import Centres, Mask
from rcmvae.model.routing import Routing, RoutingContext, held, routing_weights

Parameters = dict[str, Array]

PI = "prior.pi_logits"
"""The parameter that holds the logits of component weights."""


class Network(nnx.Module):
    """All modules with parameters. The head exists in every model with classes, so that the classifier stays a choice."""

    def __init__(self, plan: NetworkPlan) -> None:
        self.encoder = Encoder(plan)
        self.prior = PRIORS[plan.prior](plan)
        self.decoder = Decoder(plan)
        self.head = ClassifierHead(plan) if plan.classes else None
        self.plan = plan

    def centres(self) -> Centres:
        """What the prior needs of the encoder, once for many images."""
        return self.prior.centres(self.encoder)

    def encode(
        self, images: Array, *, centres: Centres = None, dropout_rate: float | Array = 0.0, draws: tuple[Array, ...] | None = None
    ) -> Encoded:
        """Encode `images` (B, H, W, C) in [0, 1]; responsibilities are those at the posterior mean. `centres` may be given to save time."""
        logits, mean, log_var = self.encoder(images, dropout_rate=dropout_rate, draws=draws)
        log_r = self.prior.log_responsibilities(logits, mean, self.centres() if centres is None else centres)
        return Encoded(jnp.zeros_like(log_r) if logits is None else logits, log_r, mean, log_var)

    def latents(self, encoded: Encoded, noise: Array) -> Array:
        """z = mu + sigma * noise, in the shape of `noise` (B, C, D), or (B, S, D) for S samples of one posterior."""
        return encoded.mean + jnp.exp(0.5 * encoded.log_var) * noise

    def resampled(self, encoded: Encoded, z: Array, centres: Centres) -> Encoded:
        """`encoded` with responsibilities read off the samples `z` (B, S, D), where the prior says them."""
        if self.plan.has_logits or not self.plan.has_components:
            return encoded
        return replace(encoded, log_responsibilities=self.prior.log_responsibilities(None, z, centres))

    def mean_latent(self, z: Array, responsibilities: Array) -> Array:
        """(B, D): the shared latent, or the components' latents (B, K, D) weighted by responsibility."""
        return jnp.sum(responsibilities[:, :, None] * z, axis=1) if self.plan.decentralized else z[:, 0]

    def decode(self, z: Array, *, chosen: Array | None = None, embeddings: Array | None = None) -> Decoded:
        """Decode latents (B, C, D) with every component, or those `chosen`, or by `embeddings` (see `Decoder`)."""
        return self.decoder(z, chosen=chosen, embeddings=embeddings)

    def extras(
        self, images: Array, encoded: Encoded, z: Array, context: RoutingContext, observation: Observation,
        routing: Routing, centres: Centres,
    ) -> MixtureExtras:  # fmt: skip
        """Decode `z` (B, C or S, D) and compare with `images` (B, H, W, C)."""
        r = jnp.exp(encoded.log_responsibilities)
        latents = z[:, : self.plan.posteriors]
        pixels = images.reshape(images.shape[0], -1)
        weights, chosen = routing_weights(encoded.log_responsibilities, context, routing) if self.plan.has_logits else (r, None)
        if not self.plan.has_logits:
            # one reconstruction, whatever component an image belongs to
            weights = jnp.ones((images.shape[0], 1), r.dtype)
        which = self.prior.open_components(routing.open) if routing.open and chosen is None else None
        if which is not None:
            weights = weights[:, which]
        decoded_r = weights if not self.plan.has_logits else _decoded(r, chosen, which)

        def apart() -> tuple[Array, Array | None]:
            own, table = latents, None
            if self.plan.decentralized and chosen is not None:
                own = jnp.take_along_axis(latents, chosen[:, :, None], axis=1)
            if which is not None:
                own = latents[:, which] if self.plan.decentralized else latents
                table = self.decoder.table[which] if self.plan.embedding else None
            decoded = self.decode(own, chosen=chosen, embeddings=table)
            return _compared(pixels, decoded, observation, weights.shape)

        def together() -> tuple[Array, Array | None]:
            mixed = held(r, context)
            embedding = mixed @ self.decoder.table
            decoded = self.decode(self.mean_latent(latents, mixed)[:, None], embeddings=embedding[:, None])
            return _compared(pixels, decoded, observation, weights.shape)

        losses, noise = jax.lax.cond(context.embeds_softly, together, apart) if routing.soft_embeddings else apart()
        return MixtureExtras(
            encoded=encoded,
            responsibilities=r,
            z=latents,
            mean_latent=self.mean_latent(latents, r),
            component_kl=self.prior.divergence(encoded.mean, encoded.log_var, z, centres),
            negative_log_likelihood=losses,
            routing_weights=weights,
            decoded_responsibilities=decoded_r,
            noise_level=noise,
        )


def _compared(pixels: Array, decoded: Decoded, observation: Observation, shape: tuple[int, ...]) -> tuple[Array, Array | None]:
    """Negative log-likelihoods and noise levels in `shape` (B, M), whether components were decoded apart or together."""
    losses = jnp.broadcast_to(observation.negative_log_likelihood(pixels, decoded), shape)
    return losses, None if decoded.raw_sigma is None else jnp.broadcast_to(observation.noise(decoded), shape)


def _decoded(r: Array, chosen: Array | None, which: Array | None) -> Array:
    """Responsibilities of the components that are decoded; those of closed ones are 0 anyway."""
    if chosen is not None:
        return _share(jnp.take_along_axis(r, chosen, axis=1))
    return r if which is None else r[:, which]


def _share(weights: Array) -> Array:
    """`weights` (B, M), none of them all zero, scaled to sum to 1."""
    return weights / jnp.maximum(jnp.sum(weights, axis=1, keepdims=True), 1e-12)


def create(plan: NetworkPlan, seed: int) -> Parameters:
    """Fresh parameters. Each is drawn from `seed` and its own name, so that one more parameter changes no other."""
    parameters: dict[str, Any] = {}
    for name, start in _starts(plan).items():
        values = np.full(start.shape, start.value, np.float32)
        if start.deviation > 0:
            generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
            values += np.float32(start.deviation) * generator.standard_normal(start.shape, np.float32)
        parameters[name] = values
    return on_device(parameters)


def bind(plan: NetworkPlan, parameters: Parameters, *, learnable_pi: bool = True, active: Array | None = None) -> Network:
    """The network with these parameters; cheap inside a compiled function, where it only happens while tracing.

    With `learnable_pi` off, component weights are even and get no gradient, whatever was learned. `active` (K,) is 1 for open
    components; all are if it is not given.
    """
    if not learnable_pi and PI in parameters:
        parameters = parameters | {PI: jnp.zeros_like(parameters[PI])}
    state = nnx.from_flat_state([(_path(name), nnx.Param(value)) for name, value in parameters.items()])
    mask = nnx.from_flat_state([(("prior", "active"), Mask(jnp.ones(plan.components) if active is None else active))])
    return nnx.merge(_graph(plan), state, mask)


@cache
def _graph(plan: NetworkPlan) -> nnx.GraphDef[Network]:
    return nnx.split(nnx.eval_shape(lambda: Network(plan)), nnx.Param, Mask)[0]


@dataclass(frozen=True)
class _Start:
    """How a parameter starts: N(value, deviation^2)."""

    shape: tuple[int, ...]
    value: float
    deviation: float


@cache
def _starts(plan: NetworkPlan) -> dict[str, _Start]:
    state = nnx.state(nnx.eval_shape(lambda: Network(plan)), nnx.Param)
    found: dict[str, Any] = {".".join(map(str, path)): parameter for path, parameter in nnx.to_flat_state(state)}
    return {name: _Start(tuple(p.shape), float(p.get_metadata("start")), float(p.get_metadata("deviation"))) for name, p in found.items()}


def abstract_parameters(plan: NetworkPlan) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of the built network, without building it."""
    return {name: start.shape for name, start in _starts(plan).items()}


def _path(name: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in name.split("."))
