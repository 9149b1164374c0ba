"""The geometric mixture: even weights, p(z | c) = N(m_c, I) with centres fixed on a circle or a grid. A diagnostic prior."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from rcmvae.model.divergences import gaussian_kl, log_normal
from rcmvae.model.priors.base import Centres, Prior


class GeometricPrior(Prior):
    """Components at fixed places, chosen by the encoder's logits."""

    def log_responsibilities(self, logits: Array | None, z: Array, centres: Centres) -> Array:
        """Log-softmax of the encoder's logits."""
        del z, centres
        return self.by_logits(logits)

    def divergence(self, mean: Array, log_var: Array, z: Array, centres: Centres) -> Array:
        """KL(N(mu, sigma^2) || N(m_k, I)) (B, K), of the common posterior or of each component's own."""
        del z, centres
        return gaussian_kl(mean, log_var, self._places())

    def place(self, noise: Array, components: Array, centres: Centres) -> Array:
        """Noise around the components' centres."""
        del centres
        return noise + self._places()[components]

    def log_density(self, z: Array, centres: Centres) -> Array:
        """log N(z; m_k, I) (..., K)."""
        del centres
        return log_normal(z, self._places(), jnp.zeros(()))

    def _places(self) -> Array:
        return jnp.asarray(self.plan.centres)
