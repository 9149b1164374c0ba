"""A mixture of normals on the raw component logits, which wants them decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.config_architecture import ROUTED
from rcmvae.marks import Number
from rcmvae.sections import MIXTURE
from rcmvae.terms.kl_c import annealed
from rcmvae.terms.term import Term
from workbench.fields import ConfigModel, field, when

if TYPE_CHECKING:
    from jax import Array

_LOGIT_MOG = when(prior_type=ROUTED, c_regularizer=("logit_mog", "both"))


class Settings(ConfigModel):
    """Settings of the logit mixture."""

    c_logit_prior_weight: Number[float] = field(
        1.0, label="Logit mixture weight", section=MIXTURE, ge=0, advanced=True, applies_when=_LOGIT_MOG,
        help="Weight of the logit mixture regulariser.",
    )  # fmt: skip
    c_logit_prior_mean: Number[float] = field(
        5.0, label="Logit mixture mean", section=MIXTURE, advanced=True, applies_when=_LOGIT_MOG,
        help="Height of the logit of the component an image belongs to.",
    )  # fmt: skip
    c_logit_prior_sigma: Number[float] = field(
        1.0, label="Logit mixture sigma", section=MIXTURE, gt=0, advanced=True, applies_when=_LOGIT_MOG,
        help="Standard deviation of the logits around their component's centre.",
    )  # fmt: skip


def mixture(component_logits: Array, active: Array, c_logit_prior_mean: Array, c_logit_prior_sigma: Array) -> Array:
    """-log of an even mixture of N(M e_k, s^2 I) over components at the raw logits y (B,): wants one logit high, the rest near 0."""
    import jax
    import jax.numpy as jnp

    y = component_logits
    components, mean, sigma = jnp.sum(active), c_logit_prior_mean, c_logit_prior_sigma
    # ||y - M e_k||^2 = ||y||^2 - 2 M y_k + M^2, over open components
    squares = jnp.sum(jnp.square(y) * active, axis=1, keepdims=True) - 2.0 * mean * y + jnp.square(mean)
    density = jax.nn.logsumexp(-squares / (2.0 * jnp.square(sigma)), axis=1, b=active[None])
    return -(density - 0.5 * components * jnp.log(2.0 * jnp.pi * jnp.square(sigma)) - jnp.log(components))


TERM = Term(
    "c_logit_prior", "image", mixture, lambda recipe: recipe.regularises("logit_mog"), label="Logit prior",
    weight="c_logit_prior_weight", rise=annealed, settings=Settings,
)  # fmt: skip
