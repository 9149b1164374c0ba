"""Social pooling: the neighbours' states, pooled, gated and fused with a detector's own."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from traffic.config_architecture import ComputeDtype
from traffic.config_social import SocialPooling
from traffic.errors import Place, TrafficError
from traffic.model.dropout import Dropout, dropped
from traffic.model.products import Linear
from traffic.model.social.attention import Attention
from traffic.model.social.distance import aggregate, kernel_weights, shares
from traffic.neighbours import Neighbours


class Pooling(nnx.Module):
    """z = Dropout(ReLU(W_f [h; g S])) with the gate g = sigmoid(W_g [h; S]), for a detector's state h and its neighbours' S.

    Args:
        config: of the pooling. neighbours: who is near whom. width: of states (W). dtype: of matrix products.

    Raises:
        TrafficError: MODEL_SHAPE if heads do not divide the width, or for the linear kernel without a radius.
    """

    def __init__(self, config: SocialPooling, neighbours: Neighbours, width: int, *, dtype: ComputeDtype = "float32") -> None:
        scale = neighbours.length_scale if config.length_scale_m is None else config.length_scale_m
        attends = config.type == "st_attention"
        if attends and width % config.heads:
            raise TrafficError(
                "MODEL_SHAPE", f"{config.heads} heads do not divide the width {width}.", hint="Choose heads that divide it.",
                at=Place(key="social_pooling.heads"), expected=width, found=config.heads,
            )  # fmt: skip
        self.attention = Attention(config, neighbours, scale, width, dtype=dtype) if attends else None
        self.gate, self.fuse = (Linear(2 * width, width, dtype=dtype) for _ in range(2))
        self.config, self.neighbours, self.scale = config, neighbours, scale
        if not attends:
            self._kernel()  # what cannot be computed is refused now

    def __call__(self, tokens: Array, last: Array, *, dropout: Dropout | None = None, valid: Array | None = None) -> Array:
        """Fused states (B, N, W).

        Args:
            tokens: (B, N, T, W), states of the latest steps, the newest last. last: (B, N, W), the encoder's output.
            dropout: None drops nothing. valid: bool (T,), which steps there are; all by default.
        """
        pooled = self.pooled(tokens, last, valid)
        gate = jax.nn.sigmoid(self.gate(jnp.concatenate([last, pooled], axis=-1)))
        return dropped(jax.nn.relu(self.fuse(jnp.concatenate([last, gate * pooled], axis=-1))), dropout, "social")

    def pooled(self, tokens: Array, last: Array, valid: Array | None = None) -> Array:
        """What the neighbours' states come to (S), (B, N, W); exactly 0 for a detector without any. Args as of a call."""
        if self.attention is not None:
            return self.attention(tokens, last, valid)
        return aggregate(last, self.neighbours, self._kernel(), self.config.aggregation)

    def weights(self, tokens: Array, last: Array) -> Array:
        """How much each detector looks at each neighbour, (B, N, k).

        Attention is summed over lags and averaged over heads: it sums to 1, or 0 without a neighbour. By distance it is what states are
        multiplied by.
        """
        if self.attention is not None:
            return self.attention.weights(tokens, last).sum(3).mean(-1)
        found = shares(self._kernel(), self.neighbours.mask, self.config.aggregation)
        return jnp.broadcast_to(jnp.asarray(found, last.dtype), (len(last), *found.shape))

    def _kernel(self) -> np.ndarray:
        return kernel_weights(self.neighbours, self.config.kernel, scale=self.scale, radius=self.config.radius_m)
