"""A Dirichlet prior that keeps component weights from vanishing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.marks import Number, Switch
from rcmvae.sections import MIXTURE
from rcmvae.terms.term import Term
from workbench.fields import SET, ConfigModel, any_of, field, when

if TYPE_CHECKING:
    from jax import Array

_LEARNED_PI = any_of(
    when(prior_type="vamp", learnable_pi=True), when(prior_type="mixture", c_regularizer=("categorical", "both"), learnable_pi=True)
)


class Settings(ConfigModel):
    """Settings of the Dirichlet prior."""

    dirichlet_alpha: Switch[float | None] = field(
        None, label="Dirichlet alpha", section=MIXTURE, ge=1, advanced=True, applies_when=_LEARNED_PI,
        help="Concentration of a Dirichlet prior that keeps component weights from vanishing. None leaves it out.",
    )  # fmt: skip
    dirichlet_weight: Number[float] = field(
        1.0, label="Dirichlet weight", section=MIXTURE, ge=0, advanced=True,
        applies_when=any_of(
            when(prior_type="vamp", learnable_pi=True, dirichlet_alpha=SET),
            when(prior_type="mixture", c_regularizer=("categorical", "both"), learnable_pi=True, dirichlet_alpha=SET),
        ),
        help="Weight of the Dirichlet prior's term.",
    )  # fmt: skip


def negative_log_density(log_pi: Array, active: Array, n_train: int, dirichlet_alpha: Array) -> Array:
    """-(alpha - 1) sum_k log pi_k / N: the negative log density of a Dirichlet prior on pi, as a share of one image."""
    import jax.numpy as jnp

    return -(dirichlet_alpha - 1.0) * jnp.sum(jnp.where(active > 0, log_pi, 0.0)) / n_train


TERM = Term(
    "dirichlet", "batch", negative_log_density, lambda recipe: recipe.learns_pi and recipe.choices.on("dirichlet_alpha"),
    label="Dirichlet (pi)", weight="dirichlet_weight", settings=Settings,
)  # fmt: skip
