"""What is fixed while a run's compiled functions live: the plan, the settings and the sizes that decide their shapes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from jax import Array

from rcmvae.config_training import Training
from rcmvae.counting import forward_multiply_adds
from rcmvae.model.likelihood import Observation
from rcmvae.model.network import Network, Parameters, bind
from rcmvae.model.plan import NetworkPlan, plan_of
from rcmvae.model.routing import Routing, noise_shape, routing_of
from rcmvae.scalars import Scalars, scalars_of, without_scalars

CHUNK_OPERATIONS = 2e10
"""Floating point operations of one compiled chunk of steps: about a second on a slow machine."""

EVALUATION_ROWS = 512
EVALUATION_FLOATS = 1 << 24
"""Bound on the activations of one evaluation batch: 64 MiB of float32 a layer."""

Classifier = Literal["tau", "head"]


@dataclass(frozen=True)
class Recipe:
    """Static knowledge of a run.

    Attributes:
        plan: the network. settings: the training config, autos resolved in `classifier`.
        classifier: how classes are predicted; None without classes.
        classes: size of the live vocabulary. n_train, n_validation: images.
        labelled: training images have labels, so label terms exist. validation_labelled: likewise for validation.
        image_products: multiply-adds of one image's forward pass. open_components: how many are decoded, 0 for all.
        scalars: the settings' numbers. Compiled functions read them here alone: in them, `settings` hides numbers (see `code`).
    """

    plan: NetworkPlan
    settings: Training
    classifier: Classifier | None
    classes: int
    n_train: int
    n_validation: int
    labelled: bool
    validation_labelled: bool
    image_products: int
    scalars: Scalars = field(compare=False)
    open_components: int = 0

    @property
    def code(self) -> Recipe:
        """All that decides which code is compiled; equal for recipes that differ in numbers alone."""
        return replace(self, settings=without_scalars(self.settings))

    def with_scalars(self, scalars: Scalars) -> Recipe:
        """This recipe with (perhaps traced) `scalars`."""
        return replace(self, scalars=scalars)

    @property
    def batch_size(self) -> int:
        """Images a step, never more than there are."""
        return min(self.settings.batch_size, self.n_train)

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return math.ceil(self.n_train / self.batch_size)

    @property
    def mixture(self) -> bool:
        """Whether the prior has components."""
        return self.plan.has_components

    @property
    def labelled_rows(self) -> int:
        """Labelled images a step; 0 without labels or classes."""
        return self.settings.labelled_batch_size if self.labelled and self.classifier is not None else 0

    @property
    def consistency(self) -> bool:
        """Whether the consistency term exists: components can agree without labels, classes cannot."""
        can = self.mixture if self.agrees_on_components else self.classifier is not None and self.labelled
        return self.settings.consistency_weight != 0 and can

    @property
    def agrees_on_components(self) -> bool:
        """Whether the consistency term compares responsibilities rather than class probabilities."""
        return self.settings.consistency_target == "components"

    @property
    def routing(self) -> Routing:
        """How components are chosen for decoding while training."""
        return replace(routing_of(self.settings, self.plan), open=self.open_components)

    @property
    def curriculum(self) -> bool:
        """Whether components open one by one."""
        return self.plan.has_logits and self.settings.curriculum_enabled

    @property
    def noise_shape(self) -> tuple[int, int]:
        """Standard normal numbers that one image's latents take."""
        return noise_shape(self.settings, self.plan)

    @property
    def contrastive(self) -> bool:
        """Whether the contrastive term exists."""
        return self.settings.use_contrastive and self.labelled_rows > 0

    @property
    def learns_pi(self) -> bool:
        """Whether the component weights learn: where the loss contains them."""
        told = self.plan.prior == "vamp" or (self.plan.prior == "mixture" and self.regularises("categorical"))
        return told and self.settings.learnable_pi

    def regularises(self, kind: str) -> bool:
        """Whether `categorical` or `logit_mog` is among the component regularisers."""
        return self.plan.has_logits and self.settings.c_regularizer in (kind, "both")

    def bind(self, parameters: Parameters, active: Array | None = None) -> Network:
        """The network with these parameters under the run's settings; `active` (K,) are the open components, all if not given."""
        return bind(self.plan, parameters, learnable_pi=self.settings.learnable_pi, active=active)

    @property
    def observation(self) -> Observation:
        s = self.scalars
        return Observation(self.plan.likelihood, s.observation_sigma, s.sigma_min, s.sigma_max)

    @property
    def chunk_steps(self) -> int:
        """Steps of one compiled call: about `CHUNK_OPERATIONS`, a function of config and data size only."""
        per_step = 6.0 * self.batch_size * self.image_products
        chunks = math.ceil(self.steps / max(1, round(CHUNK_OPERATIONS / per_step)))
        return math.ceil(self.steps / chunks)

    @property
    def evaluation_rows(self) -> int:
        """Images per evaluation batch, within the memory bound."""
        return max(1, min(EVALUATION_ROWS, EVALUATION_FLOATS // self.floats_per_image))

    @property
    def floats_per_image(self) -> int:
        """float32 numbers of the largest array that decoding one latent of one image needs, by every component it has."""
        plan = self.plan
        layers = [block.width * math.prod(block.size or (1,)) for block in plan.decoder_blocks]
        decoded = plan.components if plan.has_logits else 1
        return max(decoded * max(plan.pixels, *layers), plan.components * plan.latent)


def recipe_of(
    resolved: Mapping[str, Any],
    settings: Training,
    *,
    classes: int,
    n_train: int,
    n_validation: int,
    labelled: bool,
    validation_labelled: bool,
) -> Recipe:
    """The recipe of a run on a resolved config (flat values, autos replaced)."""
    plan = plan_of(resolved)
    use_tau = plan.prior != "standard" and bool(resolved["use_tau_classifier"])
    classifier: Classifier | None = None if classes == 0 else ("tau" if use_tau else "head")
    products, _ = forward_multiply_adds(resolved)
    return Recipe(plan, settings, classifier, classes, n_train, n_validation, labelled, validation_labelled, products, scalars_of(settings))
