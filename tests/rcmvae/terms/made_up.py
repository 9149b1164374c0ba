"""A term of the loss that nobody needs: the variance of latents over a batch, held to a number."""

from __future__ import annotations

from typing import Any

from rcmvae.marks import Number, Switch
from rcmvae.sections import MAX_EPOCHS, WEIGHTS
from rcmvae.terms.term import Measure, Term
from workbench.fields import ConfigModel, Modifiable, field


class Settings(ConfigModel):
    """Settings of the spread term."""

    spread_weight: Switch[float] = field(0.0, label="Spread weight", section=WEIGHTS, ge=0)
    spread_goal: Number[float] = field(1.0, label="Spread", section=WEIGHTS, ge=0)
    spread_epochs: Number[int] = field(0, label="Spread ramp", section=WEIGHTS, ge=0, le=MAX_EPOCHS)
    spread_squared: Modifiable[bool] = field(True, label="Spread squared", section=WEIGHTS)


def spread(mean_latent: Any, spread_goal: Any, spread_squared: bool) -> Any:
    """How far the variance over the batch is from the goal."""
    import jax.numpy as jnp

    gap = jnp.var(mean_latent, axis=0).mean() - spread_goal
    return jnp.square(gap) if spread_squared else jnp.abs(gap)


def risen(life_epoch: Any, spread_epochs: Any) -> Any:
    """The share of the weight in an epoch."""
    from rcmvae.model.schedules import rise

    return rise("linear", life_epoch, spread_epochs)


TERM = Term(
    "spread", "batch", spread, lambda recipe: recipe.choices.on("spread_weight"), label="Spread", weight="spread_weight", rise=risen,
    settings=Settings, training_only=True, also=(Measure("latent_size", "image", lambda mean_latent: (mean_latent**2).sum(axis=1), label="Size"),),
)  # fmt: skip
