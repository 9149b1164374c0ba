"""What the networks put out, as types."""

from __future__ import annotations

from flax import struct
from jax import Array


@struct.dataclass
class Encoded:
    """The encoder's view of a batch.

    Attributes:
        component_logits: (B, K) raw logits y; zeros where the prior has no components.
        log_responsibilities: (B, K) log r(c|x), from log-softmax.
        mean: (B, C, D) of the Gaussian posterior; C is K in the decentralized layout, else 1.
        log_var: (B, C, D), clipped to [-10, 10].
    """

    component_logits: Array
    log_responsibilities: Array
    mean: Array
    log_var: Array


@struct.dataclass
class Decoded:
    """What the decoder says about a latent.

    Attributes:
        output: (B, K, P) raw outputs before the sigmoid.
        raw_sigma: (B, K) raw noise level of a heteroscedastic decoder, else None.
    """

    output: Array
    raw_sigma: Array | None


@struct.dataclass
class MixtureExtras:
    """Everything a forward pass computes, for loss terms and diagnostics.

    Attributes:
        encoded: the encoder's outputs.
        responsibilities: (B, K) r(c|x).
        z: (B, C, D) sampled latents; mean_latent: (B, D), z or its mean over components weighted by r.
        component_kl: (B, C) KL of each posterior to its prior component.
        negative_log_likelihood: (B, M) l_k = -log p(x | z_k, k) in nats of the M components that were decoded, all K unless gated.
        routing_weights: (B, M) s, by which they are decoded. decoded_responsibilities: (B, M) theirs, summing to 1.
        noise_level: (B, M) sigma of a heteroscedastic decoder, else None.
    """

    encoded: Encoded
    responsibilities: Array
    z: Array
    mean_latent: Array
    component_kl: Array
    negative_log_likelihood: Array
    routing_weights: Array
    decoded_responsibilities: Array
    noise_level: Array | None
