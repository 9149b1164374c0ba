"""The classifier head: class logits from the mean latent and the responsibilities."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from rcmvae.model.layers import DENSE_SLOPE, Linear, dropout, leaky_relu
from rcmvae.model.plan import HEAD_WIDTH, NetworkPlan


class ClassifierHead(nnx.Module):
    """An MLP with one hidden layer on [z ; r] (z alone where there are no components)."""

    def __init__(self, plan: NetworkPlan) -> None:
        self.hidden = Linear(plan.head_inputs, HEAD_WIDTH)
        self.output = Linear(HEAD_WIDTH, plan.classes, deviation=HEAD_WIDTH**-0.5)
        self.reads_responsibilities = plan.has_components

    def __call__(
        self, mean_latent: Array, responsibilities: Array, *, dropout_rate: float | Array = 0.0, draws: Array | None = None
    ) -> Array:
        """Log class probabilities (B, Y) from latents (B, D) and responsibilities (B, K); `draws` (B, 64) switch dropout on."""
        inputs = jnp.concatenate([mean_latent, responsibilities], axis=-1) if self.reads_responsibilities else mean_latent
        h = dropout(leaky_relu(self.hidden(inputs), DENSE_SLOPE), dropout_rate, draws)
        return jax.nn.log_softmax(self.output(h), axis=-1)
