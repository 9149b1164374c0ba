"""What a prior is. Each prior is one file: its parameters, KL, responsibilities, sampling and log density."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from rcmvae.model.divergences import gaussian_kl, log_normal
from rcmvae.model.encoder import Encoder
from rcmvae.model.plan import NetworkPlan

Centres = tuple[Array, Array] | None
"""Means and log-variances (K, D) of components that depend on the encoder; None where they do not."""


CLOSED = -1e9
"""A closed component's logit: its probability is exactly 0, and 0 times its logarithm is 0 too."""


class Mask(nnx.Variable[Array]):
    """1 for open components (K,), 0 for those that a curriculum has not opened yet; no parameter."""


class Prior(nnx.Module):
    """Base of all priors, with standard normal components and even weights."""

    def __init__(self, plan: NetworkPlan) -> None:
        self.active = Mask(jnp.ones(plan.components))
        self.plan = plan

    def log_pi(self) -> Array:
        """Log weights of the components (K,), the lowest possible for closed ones."""
        return self.over_open(jnp.zeros(self.plan.components))

    def over_open(self, logits: Array) -> Array:
        """Log-softmax of `logits` (..., K) over open components."""
        return jax.nn.log_softmax(jnp.where(self.active[...] > 0, logits, CLOSED), axis=-1)

    def open_components(self, count: int) -> Array:
        """Indices of the `count` open components, ascending."""
        return jnp.nonzero(self.active[...], size=count, fill_value=0)[0]

    def by_logits(self, logits: Array | None) -> Array:
        """log r(c|x) (B, K) from the encoder's component logits, where there must be some."""
        if logits is None:
            raise ValueError("this prior needs component logits from the encoder")
        return self.over_open(logits)

    def centres(self, encoder: Encoder) -> Centres:
        """What the components' places depend on besides the prior's own parameters; once for many images."""
        del encoder
        return None

    def log_responsibilities(self, logits: Array | None, z: Array, centres: Centres) -> Array:
        """log r(c|x) (B, K), from the encoder's component logits (B, K) or, where the prior itself says it, from `z` (B, S, D)."""
        raise NotImplementedError

    def divergence(self, mean: Array, log_var: Array, z: Array, centres: Centres) -> Array:
        """KL of Gaussian posteriors (B, C, D) to the prior components they belong to (B, plan.divergences).

        `z` (B, S, D) are samples of the posterior, for priors without a closed form.
        """
        del z, centres
        return gaussian_kl(mean, log_var)

    def place(self, noise: Array, components: Array, centres: Centres) -> Array:
        """Latents (n, D) of p(z | component) made from standard normal `noise` (n, D) and `components` (n,)."""
        del components, centres
        return noise

    def sample(self, key: Array, count: int, centres: Centres) -> tuple[Array, Array]:
        """`count` draws: latents (count, D) and their components (count,), int32."""
        which, where = jax.random.split(key)
        components = jax.random.categorical(which, self.log_pi(), shape=(count,)).astype(jnp.int32)
        return self.place(jax.random.normal(where, (count, self.plan.latent)), components, centres), components

    def log_density(self, z: Array, centres: Centres) -> Array:
        """log p(z | k) (..., K) of latents `z` (..., K or 1, D), each in its own component."""
        del centres
        density = log_normal(z, jnp.zeros(()), jnp.zeros(()))
        return jnp.broadcast_to(density, (*density.shape[:-1], self.plan.components))
