"""How well images are reconstructed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.marks import Number
from rcmvae.sections import WEIGHTS
from rcmvae.terms.term import Term
from workbench.fields import ConfigModel, field

if TYPE_CHECKING:
    from jax import Array


class Settings(ConfigModel):
    """Settings of the reconstruction term."""

    recon_weight: Number[float] = field(
        1.0, label="Reconstruction weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the reconstruction loss.",
    )  # fmt: skip


def routed(routing_weights: Array, negative_log_likelihood: Array) -> Array:
    """sum_k s_k l_k (B,)."""
    import jax.numpy as jnp

    return jnp.sum(routing_weights * negative_log_likelihood, axis=1)


def expected(decoded_responsibilities: Array, negative_log_likelihood: Array) -> Array:
    """sum_k r_k l_k (B,): the bound's reconstruction; while gated, over the decoded components."""
    import jax.numpy as jnp

    return jnp.sum(decoded_responsibilities * negative_log_likelihood, axis=1)


TERM = Term(
    "reconstruction_loss", "image", routed, label="Reconstruction loss", weight="recon_weight", settings=Settings,
    bound=expected, part_of_elbo=True,
)  # fmt: skip
