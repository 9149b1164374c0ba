"""The same answer on an augmented view of every image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from rcmvae.config_architecture import MIXTURE_BASED
from rcmvae.marks import Number, Switch
from rcmvae.sections import MAX_EPOCHS, WEIGHTS
from rcmvae.terms.term import ByChoice, Measure, Term
from workbench.fields import NONZERO, ConfigModel, Modifiable, field, when

if TYPE_CHECKING:
    from jax import Array

    from rcmvae.training.recipe import Recipe

ConsistencyTarget = Literal["classes", "components"]

_CONSISTENCY = when(consistency_weight=NONZERO)
_CONSISTENT_COMPONENTS = when(consistency_weight=NONZERO, prior_type=MIXTURE_BASED)


class Settings(ConfigModel):
    """Settings of the consistency term."""

    consistency_weight: Switch[float] = field(
        0.0, label="Consistency weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the term that asks for the same answer on an augmented view of every image. Needs an augmentation.",
    )  # fmt: skip
    consistency_target: Modifiable[ConsistencyTarget] = field(
        "classes", label="Consistency of", section=WEIGHTS, advanced=True, applies_when=_CONSISTENT_COMPONENTS,
        choices=(
            ("classes", "Classes", "The same class probabilities. Acts once there are labels."),
            ("components", "Components", "The same responsibilities. Needs no labels: this is how groups are found without any."),
        ),
        help="What an image and its augmented view must agree on.",
    )  # fmt: skip
    consistency_threshold: Number[float] = field(
        0.9, label="Consistency threshold", section=WEIGHTS, ge=0, le=1, advanced=True, applies_when=_CONSISTENCY,
        help="Only images whose class (or component) is predicted with more than this probability count.",
    )  # fmt: skip
    consistency_hard_targets: Modifiable[bool] = field(
        False, label="Hard targets", section=WEIGHTS, advanced=True, applies_when=_CONSISTENCY,
        help="Ask the view for the predicted class (or component) alone rather than for its probabilities: pseudo-labels, as in FixMatch.",
    )  # fmt: skip
    consistency_warmup_epochs: Number[int] = field(
        2, label="Consistency starts after", section=WEIGHTS, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CONSISTENCY,
        help="Epochs of the model's life without the consistency term.",
    )  # fmt: skip
    consistency_ramp_epochs: Number[int] = field(
        3, label="Consistency ramp", section=WEIGHTS, ge=1, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CONSISTENCY,
        help="Epochs over which the consistency term then rises to its full weight.",
    )  # fmt: skip


def agreement(target_log_p: Array, moved_log_p: Array, threshold: Array, hard: bool) -> Array:
    """1[max_y p(y|x) > threshold] CE(q(y|x), p(y|view)) (B,), with q = p(y|x), or `hard` the class of its maximum alone.

    The latter is FixMatch's pseudo-label (Sohn et al. 2020), the former a soft variant of it.

    With `consistency_target=components` r(k|x) stands for p(y|x): no label is needed, and together with the usage term, which
    asks for even use of all components, it rewards what a component tells of an image whatever its small distortions, as
    information-maximising clustering does (Hu et al. 2017, arXiv:1702.08720).
    """
    import jax
    import jax.numpy as jnp

    target = jax.lax.stop_gradient(jnp.exp(target_log_p))
    sure = jnp.max(target, axis=1) > threshold
    if hard:
        target = jax.nn.one_hot(jnp.argmax(target, axis=1), target.shape[1], dtype=target.dtype)
    return jnp.where(sure, -jnp.sum(target * moved_log_p, axis=1), 0.0)


def of_classes(
    calm_log_probabilities: Array, view_log_probabilities: Array, consistency_threshold: Array, consistency_hard_targets: bool
) -> Array:
    """Agreement of class probabilities (B,)."""
    return agreement(calm_log_probabilities, view_log_probabilities, consistency_threshold, consistency_hard_targets)


def of_components(
    calm_log_responsibilities: Array, view_log_responsibilities: Array, consistency_threshold: Array, consistency_hard_targets: bool
) -> Array:
    """Agreement of responsibilities (B,)."""
    return agreement(calm_log_responsibilities, view_log_responsibilities, consistency_threshold, consistency_hard_targets)


def sure(log_p: Array, threshold: Array) -> Array:
    """1 where the predicted class or component is surer than the threshold (B,)."""
    import jax.numpy as jnp

    return (jnp.exp(jnp.max(log_p, axis=1)) > threshold).astype(jnp.float32)


def sure_of_classes(calm_log_probabilities: Array, consistency_threshold: Array) -> Array:
    """1 where the predicted class counts (B,)."""
    return sure(calm_log_probabilities, consistency_threshold)


def sure_of_components(calm_log_responsibilities: Array, consistency_threshold: Array) -> Array:
    """1 where the predicted component counts (B,)."""
    return sure(calm_log_responsibilities, consistency_threshold)


def ramped(life_epoch: Array, consistency_warmup_epochs: Array, consistency_ramp_epochs: Array) -> Any:
    """The share of the weight in an epoch."""
    from rcmvae.model.schedules import ramp

    return ramp(life_epoch, warmup=consistency_warmup_epochs, length=consistency_ramp_epochs)


def applies(recipe: Recipe) -> bool:
    """Components can agree without labels, classes cannot."""
    components = recipe.choices.consistency_target == "components"
    can = recipe.mixture if components else recipe.classifier is not None and recipe.labelled
    return recipe.choices.on("consistency_weight") and can


TERM = Term(
    "consistency", "image", ByChoice("consistency_target", {"classes": of_classes, "components": of_components}), applies,
    label="Consistency", weight="consistency_weight", rise=ramped, settings=Settings, training_only=True,
    also=(
        Measure(
            "consistency_share", "image",
            ByChoice("consistency_target", {"classes": sure_of_classes, "components": sure_of_components}), applies,
            label="Views that agree",
        ),
    ),
)  # fmt: skip
