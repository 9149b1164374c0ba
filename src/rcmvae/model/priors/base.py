"""What a prior is. Each prior is one file: its parameters, KL, responsibilities, sampling and log density."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from rcmvae.model.divergences import gaussian_kl
from rcmvae.model.plan import NetworkPlan


class Prior(nnx.Module):
    """Base of all priors, with standard normal components."""

    def __init__(self, plan: NetworkPlan) -> None:
        self.plan = plan

    def log_pi(self, *, learnable: bool) -> Array:
        """Log weights of the components (K,); uniform and without gradient if not `learnable`."""
        del learnable
        return jnp.full((self.plan.components,), -jnp.log(float(self.plan.components)))

    def log_responsibilities(self, logits: Array | None, mean: Array) -> Array:
        """log r(c|x) (B, K) from component logits (B, K) and posterior means (B, C, D)."""
        raise NotImplementedError

    def component_kl(self, mean: Array, log_var: Array) -> Array:
        """KL (B, C) of each Gaussian posterior (B, C, D) to the prior component that it belongs to."""
        return gaussian_kl(mean, log_var)

    def place(self, noise: Array, components: Array) -> Array:
        """Latents (n, D) of p(z | component) made from standard normal `noise` (n, D) and `components` (n,)."""
        del components
        return noise

    def sample(self, key: Array, count: int, log_pi: Array) -> tuple[Array, Array]:
        """`count` draws: latents (count, D) and their components (count,), int32."""
        which, where = jax.random.split(key)
        components = jax.random.categorical(which, log_pi, shape=(count,)).astype(jnp.int32)
        return self.place(jax.random.normal(where, (count, self.plan.latent)), components), components

    def log_density(self, z: Array, components: Array) -> Array:
        """log p(z | component) of latents `z` (..., D) in their `components` (...)."""
        del components
        return -0.5 * jnp.sum(jnp.square(z) + jnp.log(2.0 * jnp.pi), axis=-1)
