"""The mixture prior: p(c) = pi, p(z | c) = N(0, I), told apart by what the decoder makes of c.

In the shared layout an image has one latent for all components; in the decentralized layout one for each.
"""

from __future__ import annotations

import jax
from jax import Array

from rcmvae.model.layers import constant
from rcmvae.model.plan import NetworkPlan
from rcmvae.model.priors.base import Centres, Prior


class MixturePrior(Prior):
    """Components chosen by the encoder's logits, with weights pi."""

    def __init__(self, plan: NetworkPlan) -> None:
        super().__init__(plan)
        self.pi_logits = constant((plan.components,), 0.0)

    def log_pi(self) -> Array:
        """Log-softmax of the learned logits."""
        return jax.nn.log_softmax(self.pi_logits[...])

    def log_responsibilities(self, logits: Array | None, z: Array, centres: Centres) -> Array:
        """Log-softmax of the encoder's logits."""
        del z, centres
        return by_logits(logits)


def by_logits(logits: Array | None) -> Array:
    """Log-softmax of component logits (B, K), where there must be some."""
    if logits is None:
        raise ValueError("this prior needs component logits from the encoder")
    return jax.nn.log_softmax(logits, axis=-1)
