"""How well the labels of labelled images are predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.marks import Number
from rcmvae.sections import WEIGHTS
from rcmvae.terms.term import Term
from workbench.fields import ConfigModel, field

if TYPE_CHECKING:
    from jax import Array


class Settings(ConfigModel):
    """Settings of the label term."""

    label_weight: Number[float] = field(
        10.0, label="Label weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the classification loss on labelled images.",
    )  # fmt: skip


def cross_entropy(label_log_probabilities: Array, labels: Array) -> Array:
    """-log p(y | x) of the labelled images (L,)."""
    import jax.numpy as jnp

    return -jnp.take_along_axis(label_log_probabilities, labels[:, None], axis=1)[:, 0]


TERM = Term(
    "classification_loss", "labelled", cross_entropy, lambda recipe: recipe.classifier is not None, label="Classification loss", weight="label_weight",
    settings=Settings,
)  # fmt: skip
