"""The VampPrior (Tomczak & Welling 2018) with weights: p(z) = sum_k pi_k q(z | u_k) over learned pseudo-images u_k.

Responsibilities are the true posterior of the component given z; the KL has no closed form and is estimated from samples.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from rcmvae.model.divergences import log_normal
from rcmvae.model.encoder import Encoder
from rcmvae.model.layers import constant
from rcmvae.model.plan import NetworkPlan
from rcmvae.model.priors.base import Centres, Prior


class VampPrior(Prior):
    """Components where the encoder puts the pseudo-images; these stay images, through a sigmoid."""

    def __init__(self, plan: NetworkPlan) -> None:
        super().__init__(plan)
        self.pi_logits = constant((plan.components,), 0.0)
        self.pseudo_logits = constant((plan.components, *plan.input_shape), 0.0)

    def log_pi(self) -> Array:
        """Log-softmax of the learned logits."""
        return jax.nn.log_softmax(self.pi_logits[...])

    def centres(self, encoder: Encoder) -> Centres:
        """Posteriors of the pseudo-images, without dropout."""
        _, mean, log_var = encoder(jax.nn.sigmoid(self.pseudo_logits[...]))
        return mean[:, 0], log_var[:, 0]

    def log_responsibilities(self, logits: Array | None, z: Array, centres: Centres) -> Array:
        """Log of the mean over samples `z` (B, S, D) of p(k | z), which is proportional to pi_k N(z; mu(u_k), sigma^2(u_k))."""
        del logits
        posterior = jax.nn.log_softmax(self._joint(z, centres), axis=-1)
        return jax.nn.logsumexp(posterior, axis=1) - jnp.log(float(z.shape[1]))

    def divergence(self, mean: Array, log_var: Array, z: Array, centres: Centres) -> Array:
        """Mean over samples of log q(z | x) - log sum_k pi_k N(z; mu(u_k), sigma^2(u_k)) (B, 1)."""
        difference = log_normal(z, mean, log_var) - jax.nn.logsumexp(self._joint(z, centres), axis=-1)
        return jnp.mean(difference, axis=1, keepdims=True)

    def place(self, noise: Array, components: Array, centres: Centres) -> Array:
        """Draws of the components' posteriors."""
        mean, log_var = self._given(centres)
        return mean[components] + jnp.exp(0.5 * log_var[components]) * noise

    def log_density(self, z: Array, centres: Centres) -> Array:
        """log N(z; mu(u_k), sigma^2(u_k)) (..., K)."""
        return log_normal(z, *self._given(centres))

    def _joint(self, z: Array, centres: Centres) -> Array:
        """log pi_k + log p(z | k) (B, S, K)."""
        return self.log_pi() + self.log_density(z[:, :, None], centres)

    def _given(self, centres: Centres) -> tuple[Array, Array]:
        if centres is None:
            raise ValueError("a VampPrior needs the posteriors of its pseudo-images")
        return centres
