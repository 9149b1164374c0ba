"""Even use of components over the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.config_architecture import MIXTURE_BASED
from rcmvae.marks import Number, Switch
from rcmvae.sections import MIXTURE
from rcmvae.terms.term import Term
from workbench.fields import NONZERO, ConfigModel, field, when

if TYPE_CHECKING:
    from jax import Array

_MIXTURE_BASED = when(prior_type=MIXTURE_BASED)


class Settings(ConfigModel):
    """Settings of the even-use term."""

    component_diversity_weight: Switch[float] = field(
        1.0, label="Even use of components", section=MIXTURE, advanced=True, applies_when=_MIXTURE_BASED,
        help="Positive rewards that components are used evenly over the data, negative punishes it.",
    )  # fmt: skip
    usage_ema_decay: Number[float] = field(
        0.95, label="Usage memory", section=MIXTURE, ge=0, lt=1, advanced=True,
        applies_when=when(prior_type=MIXTURE_BASED, component_diversity_weight=NONZERO),
        help="Decay of the moving average of component use that the even-use term looks at. 0 looks at one batch.",
    )  # fmt: skip


def usage_gap(usage: Array, active: Array) -> Array:
    """log |A| - H(usage) over the open components A."""
    import jax.numpy as jnp

    from rcmvae.model.divergences import usage_entropy_gap

    return usage_entropy_gap(usage, jnp.sum(active))


TERM = Term(
    "component_diversity", "batch", usage_gap, lambda recipe: recipe.mixture and recipe.choices.on("component_diversity_weight"),
    label="Component diversity", weight="component_diversity_weight", settings=Settings,
)  # fmt: skip
