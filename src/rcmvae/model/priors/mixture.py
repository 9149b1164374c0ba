"""The mixture prior: p(c) = pi, p(z | c) = N(0, I), told apart by what the decoder makes of c.

In the shared layout an image has one latent for all components; in the decentralized layout one for each.
"""

from __future__ import annotations

import jax
from jax import Array

from rcmvae.model.layers import constant
from rcmvae.model.plan import NetworkPlan
from rcmvae.model.priors.base import Prior


class MixturePrior(Prior):
    """Components chosen by the encoder's logits, with learned weights pi."""

    def __init__(self, plan: NetworkPlan) -> None:
        super().__init__(plan)
        self.pi_logits = constant((plan.components,), 0.0)

    def log_pi(self, *, learnable: bool) -> Array:
        """Log-softmax of the learned logits, or uniform."""
        return jax.nn.log_softmax(self.pi_logits[...]) if learnable else super().log_pi(learnable=False)

    def log_responsibilities(self, logits: Array | None, mean: Array) -> Array:
        """Log-softmax of the encoder's logits."""
        del mean
        if logits is None:
            raise ValueError("a mixture prior needs component logits from the encoder")
        return jax.nn.log_softmax(logits, axis=-1)
