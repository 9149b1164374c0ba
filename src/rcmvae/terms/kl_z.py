"""The divergence of the latent from the prior."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from rcmvae.config_architecture import ROUTED
from rcmvae.marks import Number
from rcmvae.sections import MAX_EPOCHS, MIXTURE, SHAPES, WEIGHTS, AnnealSchedule
from rcmvae.terms.term import Term
from workbench.fields import ConfigModel, Modifiable, field, when

if TYPE_CHECKING:
    from jax import Array

DecentralizedKl = Literal["responsibility", "all"]


class Settings(ConfigModel):
    """Settings of the latent's divergence."""

    kl_weight: Number[float] = field(
        1.0, label="KL weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the latents' divergence from the prior. 1 is the evidence lower bound.",
    )  # fmt: skip
    kl_z_anneal_epochs: Number[int] = field(
        50, label="KL anneal", section=WEIGHTS, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True,
        help="Epochs of the model's life over which the KL weight rises to its full value. 0 starts full.",
    )  # fmt: skip
    kl_anneal_schedule: Modifiable[AnnealSchedule] = field(
        "linear", label="KL anneal shape", section=WEIGHTS, advanced=True, choices=SHAPES,
        help="How the KL weights rise.",
    )  # fmt: skip
    decentralized_kl: Modifiable[DecentralizedKl] = field(
        "responsibility", label="KL over components", section=MIXTURE, advanced=True,
        applies_when=when(prior_type=ROUTED, latent_layout="decentralized"),
        help="How the components' own latents are weighted in the KL term.",
        choices=(
            ("responsibility", "By responsibility", "Each component counts as much as it is responsible; this is the bound."),
            ("all", "All alike", "Every component's latent is held to the prior, used or not."),
        ),
    )  # fmt: skip


def divergence(responsibilities: Array, component_kl: Array, active: Array, decentralized: bool, decentralized_kl: str) -> Array:
    """KL of the latent to the prior (B,); in the decentralized layout over all components alike if settings say so."""
    import jax.numpy as jnp

    if decentralized and decentralized_kl == "all":
        return jnp.sum(component_kl * active, axis=1)
    return expected(responsibilities, component_kl)


def expected(responsibilities: Array, component_kl: Array) -> Array:
    """sum_k r_k KL_k (B,), or the one KL there is."""
    import jax.numpy as jnp

    return jnp.sum(responsibilities * component_kl, axis=1) if component_kl.shape[1] > 1 else component_kl[:, 0]


def annealed(life_epoch: Array, kl_anneal_schedule: str, kl_z_anneal_epochs: Array) -> Any:
    """The share of the KL weight in an epoch."""
    from rcmvae.model.schedules import rise

    return rise(kl_anneal_schedule, life_epoch, kl_z_anneal_epochs)


TERM = Term(
    "kl_z",
    "image",
    divergence,
    label="KL z",
    weight="kl_weight",
    rise=annealed,
    settings=Settings,
    bound=expected,
    part_of_elbo=True,
    direction=None,
)
