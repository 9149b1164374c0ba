"""Labelled images of one class pulled together in the latent space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.marks import Number
from rcmvae.sections import WEIGHTS
from rcmvae.terms.term import Term
from workbench.fields import ConfigModel, Modifiable, field, when

if TYPE_CHECKING:
    from jax import Array


class Settings(ConfigModel):
    """Settings of the contrastive term."""

    use_contrastive: Modifiable[bool] = field(
        False, label="Contrastive term", section=WEIGHTS, advanced=True,
        help="Pull labelled images of one class together in the latent space.",
    )  # fmt: skip
    contrastive_weight: Number[float] = field(
        1.0, label="Contrastive weight", section=WEIGHTS, ge=0, advanced=True, applies_when=when(use_contrastive=True),
        help="Weight of the contrastive term.",
    )  # fmt: skip
    contrastive_temperature: Number[float] = field(
        0.1, label="Contrastive temperature", section=WEIGHTS, gt=0, advanced=True, applies_when=when(use_contrastive=True),
        help="Lower temperatures look at the nearest neighbours only.",
    )  # fmt: skip


def supervised(labelled_latents: Array, labels: Array, contrastive_temperature: Array) -> Array:
    """The supervised contrastive loss L_out over labelled images (Khosla et al. 2020), mean over anchors that have a positive; 0 without."""
    import jax
    import jax.numpy as jnp

    z = labelled_latents
    z = z * jax.lax.rsqrt(jnp.sum(jnp.square(z), axis=1, keepdims=True) + 1e-12)
    itself = jnp.eye(z.shape[0], dtype=bool)
    similarity = jnp.where(itself, -jnp.inf, z @ z.T / contrastive_temperature)
    log_p = similarity - jax.nn.logsumexp(similarity, axis=1, keepdims=True)
    positive = (labels[:, None] == labels[None]) & ~itself
    count = jnp.sum(positive, axis=1)
    per_anchor = -jnp.sum(jnp.where(positive, log_p, 0.0), axis=1) / jnp.maximum(count, 1)
    return jnp.sum(per_anchor) / jnp.maximum(jnp.sum(count > 0), 1)


TERM = Term(
    "contrastive", "batch", supervised, lambda recipe: recipe.choices.use_contrastive and recipe.labelled_rows > 0,
    label="Contrast between classes", weight="contrastive_weight", settings=Settings, training_only=True,
)  # fmt: skip
