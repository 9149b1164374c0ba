"""The whole network: encoder, prior, decoder and classifier head, and the forward pass through them.

Parameters live in one flat mapping from dotted name to array. `Network.create` makes it, `bind` puts it back into a
module inside a compiled function: the module is split once, and all training runs on the mapping.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from rcmvae.model.decoder import Decoder
from rcmvae.model.encoder import Encoder
from rcmvae.model.extras import Decoded, Encoded, MixtureExtras
from rcmvae.model.head import ClassifierHead
from rcmvae.model.likelihood import Observation
from rcmvae.model.plan import NetworkPlan
from rcmvae.model.priors import PRIORS
from rcmvae.model.routing import RoutingContext, routing_weights

Parameters = dict[str, Array]


class Network(nnx.Module):
    """All modules with parameters. The head exists in every model with classes, so that the classifier stays a choice."""

    def __init__(self, plan: NetworkPlan) -> None:
        self.encoder = Encoder(plan)
        self.prior = PRIORS[plan.prior](plan)
        self.decoder = Decoder(plan)
        self.head = ClassifierHead(plan) if plan.classes else None
        self.plan = plan

    def encode(self, images: Array, *, dropout_rate: float | Array = 0.0, draws: tuple[Array, ...] | None = None) -> Encoded:
        """Encode `images` (B, H, W, C) in [0, 1]."""
        logits, mean, log_var = self.encoder(images, dropout_rate=dropout_rate, draws=draws)
        log_r = self.prior.log_responsibilities(logits, mean)
        return Encoded(jnp.zeros_like(log_r) if logits is None else logits, log_r, mean, log_var)

    def latents(self, encoded: Encoded, noise: Array) -> Array:
        """z = mu + sigma * noise (B, C, D) for standard normal `noise`."""
        return encoded.mean + jnp.exp(0.5 * encoded.log_var) * noise

    def mean_latent(self, z: Array, responsibilities: Array) -> Array:
        """(B, D): the shared latent, or the components' latents (B, K, D) weighted by responsibility."""
        return jnp.sum(responsibilities[:, :, None] * z, axis=1) if self.plan.decentralized else z[:, 0]

    def decode(self, z: Array, embeddings: Array | None = None) -> Decoded:
        """Decode latents (B, C, D) with every component."""
        return self.decoder(z, embeddings)

    def extras(self, images: Array, encoded: Encoded, z: Array, context: RoutingContext, observation: Observation) -> MixtureExtras:
        """Decode `z` with every component and compare with `images` (B, H, W, C)."""
        r = jnp.exp(encoded.log_responsibilities)
        decoded = self.decode(z)
        return MixtureExtras(
            encoded=encoded,
            responsibilities=r,
            routing_weights=routing_weights(encoded.log_responsibilities, context),
            z=z,
            mean_latent=self.mean_latent(z, r),
            decoded=decoded,
            negative_log_likelihood=observation.negative_log_likelihood(images.reshape(images.shape[0], -1), decoded),
            component_kl=self.prior.component_kl(encoded.mean, encoded.log_var),
        )


def create(plan: NetworkPlan, seed: int) -> Parameters:
    """Fresh parameters. Each is drawn from `seed` and its own name, so that one more parameter changes no other."""
    parameters: Parameters = {}
    for name, start in _starts(plan).items():
        values = np.full(start.shape, start.value, np.float32)
        if start.deviation > 0:
            generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
            values += np.float32(start.deviation) * generator.standard_normal(start.shape, np.float32)
        parameters[name] = jnp.asarray(values)
    return parameters


def bind(plan: NetworkPlan, parameters: Parameters) -> Network:
    """The network with these parameters; cheap inside a compiled function, where it only happens while tracing."""
    state = nnx.from_flat_state([(_path(name), nnx.Param(value)) for name, value in parameters.items()])
    return nnx.merge(_graph(plan), state)


@cache
def _graph(plan: NetworkPlan) -> nnx.GraphDef[Network]:
    return nnx.split(nnx.eval_shape(lambda: Network(plan)), nnx.Param)[0]


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
