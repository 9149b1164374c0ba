"""Small weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.marks import Switch
from rcmvae.sections import WEIGHTS
from rcmvae.terms.term import Term
from workbench.fields import ConfigModel, field

if TYPE_CHECKING:
    from jax import Array


class Settings(ConfigModel):
    """Settings of the L1 term."""

    l1_weight: Switch[float] = field(
        0.0, label="L1 weight", section=WEIGHTS, ge=0, log_scale=True, advanced=True,
        help="Weight of the sum of absolute weights, over the same parameters as weight decay.",
    )  # fmt: skip


def absolute_sum(kernels: tuple[Array, ...]) -> Array:
    """The sum of absolute weights, over the parameters that weight decay acts on."""
    import jax.numpy as jnp

    return sum((jnp.sum(jnp.abs(kernel)) for kernel in kernels), start=jnp.zeros(()))


TERM = Term(
    "l1",
    "batch",
    absolute_sum,
    lambda recipe: recipe.choices.on("l1_weight"),
    label="L1 of the weights",
    weight="l1_weight",
    settings=Settings,
)
