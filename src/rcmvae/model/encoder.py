"""The encoder: an image to component logits and Gaussian posteriors."""

from __future__ import annotations

import jax.numpy as jnp
from flax import nnx
from jax import Array

from rcmvae.model.layers import CONV_SLOPE, DENSE_SLOPE, Convolution, LayerNorm, Linear, dropout, leaky_relu
from rcmvae.model.plan import NetworkPlan

LOG_VAR_LIMIT = 10.0
LOG_VAR_SCALE = 1e-2
"""Standard deviation of the log-variance head's weights over sqrt(features): sigma starts near 1, KL finite and small."""


class Encoder(nnx.Module):
    """Dense or convolutional trunk with heads for logits, means and log-variances."""

    def __init__(self, plan: NetworkPlan) -> None:
        layers: list[Linear | Convolution] = []
        widths: list[int] = []
        if plan.encoder_conv:
            for stage in plan.encoder_conv:
                layers.append(Convolution(stage.in_width, stage.out_width, stride=stage.stride))
                widths.append(stage.out_width)
        else:
            inputs = plan.pixels
            for width in plan.encoder_dense:
                layers.append(Linear(inputs, width))
                widths.append(width)
                inputs = width
        self.layers = nnx.List(layers)
        self.norms = nnx.List([LayerNorm(width) for width in widths] if plan.normalization else [])
        features = plan.encoder_features
        self.mean = Linear(features, plan.posteriors * plan.latent, deviation=features**-0.5)
        self.log_var = Linear(features, plan.posteriors * plan.latent, deviation=LOG_VAR_SCALE * features**-0.5)
        self.logits = Linear(features, plan.components, deviation=features**-0.5) if plan.has_logits else None
        self.plan = plan

    def __call__(
        self, images: Array, *, dropout_rate: float | Array = 0.0, draws: tuple[Array, ...] | None = None
    ) -> tuple[Array | None, Array, Array]:
        """Encode `images` (B, H, W, C) in [0, 1]; `draws`, random uint16 for every hidden layer, switch dropout on.

        Returns component logits (B, K) or None, means and log-variances (B, C, D).
        """
        features = self._trunk(images, dropout_rate, draws)
        shape = (images.shape[0], self.plan.posteriors, self.plan.latent)
        mean = self.mean(features).reshape(shape)
        log_var = jnp.clip(self.log_var(features).reshape(shape), -LOG_VAR_LIMIT, LOG_VAR_LIMIT)
        return (None if self.logits is None else self.logits(features)), mean, log_var

    def _trunk(self, images: Array, rate: float | Array, draws: tuple[Array, ...] | None) -> Array:
        convolutional = bool(self.plan.encoder_conv)
        h = images[:, None] if convolutional else images.reshape(images.shape[0], -1)
        for index, layer in enumerate(self.layers):
            h = layer(h, out_size=self.plan.encoder_conv[index].out_size) if isinstance(layer, Convolution) else layer(h)
            if self.norms:
                h = self.norms[index](h)
            h = leaky_relu(h, CONV_SLOPE if convolutional else DENSE_SLOPE)
            h = dropout(h, rate, None if draws is None else draws[index])
        return h.reshape(images.shape[0], -1)
