"""The standard normal prior N(0, I): one component, which every image belongs to."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from rcmvae.model.priors.base import Centres, Prior


class StandardPrior(Prior):
    """p(z) = N(0, I)."""

    def log_responsibilities(self, logits: Array | None, z: Array, centres: Centres) -> Array:
        """Zeros (B, 1): the one component takes every image."""
        del logits, centres
        return jnp.zeros((z.shape[0], 1), z.dtype)
