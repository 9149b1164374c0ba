"""The divergence of the responsibilities from the component weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from rcmvae.config_architecture import ROUTED
from rcmvae.marks import Number
from rcmvae.sections import MAX_EPOCHS, MIXTURE, WEIGHTS
from rcmvae.terms.term import Term
from workbench.fields import ConfigModel, Modifiable, any_of, field, when

if TYPE_CHECKING:
    from jax import Array

ComponentRegularizer = Literal["categorical", "logit_mog", "both"]

_PER_COMPONENT = when(prior_type=ROUTED)
_WEIGHED = any_of(when(prior_type="vamp"), when(prior_type="mixture", c_regularizer=("categorical", "both")))


class Settings(ConfigModel):
    """Settings of what holds responsibilities to the prior, and of the component weights it holds them to."""

    kl_c_weight: Number[float] = field(
        1.0, label="Component KL weight", section=WEIGHTS, ge=0, advanced=True,
        applies_when=when(prior_type=ROUTED, c_regularizer=("categorical", "both")),
        help="Weight of the responsibilities' divergence from the component weights. 1 is the evidence lower bound.",
    )  # fmt: skip
    kl_c_anneal_epochs: Number[int] = field(
        0, label="Component KL anneal", section=WEIGHTS, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True,
        applies_when=_PER_COMPONENT,
        help="Epochs of the model's life over which the component regulariser rises to its full weight. 0 starts full.",
    )  # fmt: skip
    learnable_pi: Modifiable[bool] = field(
        True, label="Learn component weights", section=MIXTURE, advanced=True, applies_when=_WEIGHED,
        because="nothing in the loss would tell them what to be",
        help="Learn pi, the components' prior weights, rather than keep them even.",
    )  # fmt: skip
    c_regularizer: Modifiable[ComponentRegularizer] = field(
        "categorical", label="Component regulariser", section=MIXTURE, advanced=True, applies_when=_PER_COMPONENT,
        help="What holds the responsibilities to the prior.",
        choices=(
            ("categorical", "Categorical", "The divergence of responsibilities from component weights."),
            ("logit_mog", "Logit mixture", "A mixture of normals on the raw component logits, which wants them decided."),
            ("both", "Both", "Both terms."),
        ),
    )  # fmt: skip


def divergence(log_responsibilities: Array, log_pi: Array) -> Array:
    """KL(r || pi) (B,)."""
    from rcmvae.model.divergences import categorical_kl

    return categorical_kl(log_responsibilities, log_pi)


def annealed(life_epoch: Array, kl_anneal_schedule: str, kl_c_anneal_epochs: Array) -> Any:
    """The share of the regulariser's weight in an epoch."""
    from rcmvae.model.schedules import rise

    return rise(kl_anneal_schedule, life_epoch, kl_c_anneal_epochs)


TERM = Term(
    "kl_c", "image", divergence, lambda recipe: recipe.plan.has_logits, label="KL c", weight="kl_c_weight", rise=annealed,
    weighs=lambda recipe: recipe.regularises("categorical"), settings=Settings, part_of_elbo=True, direction=None,
)  # fmt: skip
