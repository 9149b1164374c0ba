"""The mixture prior: p(c) = pi, p(z | c) = N(0, I), told apart by what the decoder makes of c.

In the shared layout an image has one latent for all components; in the decentralized layout one for each.
"""

from __future__ import annotations

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
        return self.over_open(self.pi_logits[...])

    def log_responsibilities(self, logits: Array | None, z: Array, centres: Centres) -> Array:
        """Log-softmax of the encoder's logits."""
        del z, centres
        return self.by_logits(logits)
