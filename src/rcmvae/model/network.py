"""The whole network: encoder, prior, decoder and classifier head, and the forward pass through them.

Parameters live in one flat mapping from dotted name to array. `Network.create` makes it, `bind` puts it back into a
module inside a compiled function: the module is split once, and all training runs on the mapping.
"""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
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

    def __init__(self, plan: NetworkPlan, *, key: Array) -> None:
        encoder, prior, decoder, head = jax.random.split(key, 4)
        self.encoder = Encoder(plan, key=encoder)
        self.prior = PRIORS[plan.prior](plan, key=prior)
        self.decoder = Decoder(plan, key=decoder)
        self.head = ClassifierHead(plan, key=head) if plan.classes else None
        self.plan = plan

    def encode(self, images: Array, *, dropout_rate: float = 0.0, key: Array | None = None) -> Encoded:
        """Encode `images` (B, H, W, C) in [0, 1]."""
        logits, mean, log_var = self.encoder(images, dropout_rate=dropout_rate, key=key)
        log_r = self.prior.log_responsibilities(logits, mean)
        return Encoded(jnp.zeros_like(log_r) if logits is None else logits, log_r, mean, log_var)

    def sample_latents(self, encoded: Encoded, key: Array) -> Array:
        """z = mu + sigma * noise (B, C, D)."""
        return encoded.mean + jnp.exp(0.5 * encoded.log_var) * jax.random.normal(key, encoded.mean.shape, encoded.mean.dtype)

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
    """Fresh parameters, drawn from `seed`."""

    @jax.jit
    def initialise(key: Array) -> Parameters:
        return _flatten(nnx.state(Network(plan, key=key), nnx.Param))

    return initialise(jax.random.key(seed))


def bind(plan: NetworkPlan, parameters: Parameters) -> Network:
    """The network with these parameters; cheap inside a compiled function, where it only happens while tracing."""
    state = nnx.from_flat_state([(_path(name), nnx.Param(value)) for name, value in parameters.items()])
    return nnx.merge(_graph(plan), state)


@cache
def _graph(plan: NetworkPlan) -> nnx.GraphDef[Network]:
    return nnx.split(nnx.eval_shape(lambda: Network(plan, key=jax.random.key(0))), nnx.Param)[0]


def abstract_parameters(plan: NetworkPlan) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of the built network, without building it."""
    state = nnx.state(nnx.eval_shape(lambda: Network(plan, key=jax.random.key(0))), nnx.Param)
    return {".".join(map(str, path)): tuple(value.shape) for path, value in nnx.to_flat_state(state)}


def _flatten(state: nnx.State) -> Parameters:
    return {".".join(map(str, path)): value[...] for path, value in nnx.to_flat_state(state)}


def _path(name: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in name.split("."))
