"""What is fixed while a run's compiled functions live: the plan, the settings and the sizes that decide their shapes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from jax import Array

from rcmvae.choices import Choices, Numbers, choices_of, numbers_of
from rcmvae.config_training import Training
from rcmvae.counting import forward_multiply_adds
from rcmvae.model.likelihood import Observation
from rcmvae.model.network import Network, Parameters, bind
from rcmvae.model.plan import NetworkPlan, plan_of
from rcmvae.model.routing import Routing, noise_shape, routing_of
from rcmvae.terms.term import VIEW_INPUTS, Measure, Term

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
        plan: the network. choices: what of the training config decides the code, autos resolved in `classifier`.
        terms: the loss's, those that do not apply among them.
        classifier: how classes are predicted; None without classes.
        classes: size of the live vocabulary. n_train, n_validation: images.
        labelled: training images have labels, so label terms exist. validation_labelled: likewise for validation.
        image_products: multiply-adds of one image's forward pass. open_components: how many are decoded, 0 for all.
        devices: over which the rows of a batch are split.
        given: the training config itself, and its numbers. Compiled functions have numbers as an argument and never see the
            config (see `code`).
    """

    plan: NetworkPlan
    choices: Choices
    terms: tuple[Term, ...]
    classifier: Classifier | None
    classes: int
    n_train: int
    n_validation: int
    labelled: bool
    validation_labelled: bool
    image_products: int
    given: Training | None
    given_numbers: Numbers | None = field(compare=False)
    open_components: int = 0
    devices: int = 1

    @property
    def settings(self) -> Training:
        """The training config, for what happens between steps. Raises ValueError in compiled functions."""
        if self.given is None:
            raise ValueError("compiled functions read choices and numbers, not the config")
        return self.given

    @property
    def numbers(self) -> Numbers:
        """The settings' numbers. Raises ValueError where they were not passed in."""
        if self.given_numbers is None:
            raise ValueError("numbers are an argument of compiled functions; pass them in by with_numbers")
        return self.given_numbers

    @property
    def code(self) -> Recipe:
        """All that decides which code is compiled; equal for recipes that differ in numbers alone."""
        return replace(self, given=None, given_numbers=None)

    def with_numbers(self, numbers: Numbers) -> Recipe:
        """This recipe with (perhaps traced) `numbers`."""
        return replace(self, given_numbers=numbers)

    @property
    def batch_size(self) -> int:
        """Images a step, never more than there are."""
        return min(self.choices.batch_size, self.n_train)

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
        return self.choices.labelled_batch_size if self.labelled and self.classifier is not None else 0

    @property
    def training_terms(self) -> tuple[Term, ...]:
        """The terms of a training step."""
        return tuple(t for t in self.terms if t.applies(self) and (t.per != "labelled" or self.labelled_rows))

    @property
    def evaluation_terms(self) -> tuple[Term, ...]:
        """The terms of an evaluation."""
        found = (t for t in self.terms if t.applies(self) and not t.training_only)
        return tuple(t for t in found if t.per != "labelled" or self.validation_labelled)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What the terms of a training step report beside their values."""
        return tuple(measure for term in self.training_terms for measure in term.also if measure.applies(self))

    @property
    def sees_views(self) -> bool:
        """Whether a step encodes an augmented view of every image, because a term reads it."""
        return any(term.reads & VIEW_INPUTS.keys() for term in self.training_terms)

    @property
    def routing(self) -> Routing:
        """How components are chosen for decoding while training."""
        return replace(routing_of(self.choices, self.plan), open=self.open_components)

    @property
    def curriculum(self) -> bool:
        """Whether components open one by one."""
        return self.plan.has_logits and self.choices.curriculum_enabled

    @property
    def noise_shape(self) -> tuple[int, int]:
        """Standard normal numbers that one image's latents take."""
        return noise_shape(self.choices, self.plan)

    @property
    def learns_pi(self) -> bool:
        """Whether the component weights learn: where the loss contains them."""
        told = self.plan.prior == "vamp" or (self.plan.prior == "mixture" and self.regularises("categorical"))
        return told and self.choices.learnable_pi

    def regularises(self, kind: str) -> bool:
        """Whether `categorical` or `logit_mog` is among the component regularisers."""
        return self.plan.has_logits and self.choices.c_regularizer in (kind, "both")

    def bind(self, parameters: Parameters, active: Array | None = None) -> Network:
        """The network with these parameters under the run's settings; `active` (K,) are the open components, all if not given."""
        return bind(self.plan, parameters, learnable_pi=self.choices.learnable_pi, active=active)

    @property
    def observation(self) -> Observation:
        s = self.numbers
        return Observation(self.plan.likelihood, s.observation_sigma, s.sigma_min, s.sigma_max)

    @property
    def chunk_steps(self) -> int:
        """Steps of one compiled call: about `CHUNK_OPERATIONS`, a function of config and data size only."""
        per_step = 6.0 * self.batch_size * self.image_products
        chunks = math.ceil(self.steps / max(1, round(CHUNK_OPERATIONS / per_step)))
        return math.ceil(self.steps / chunks)

    @property
    def evaluation_rows(self) -> int:
        """Images per evaluation batch on all devices together, within the memory bound of each."""
        return self.devices * max(1, min(EVALUATION_ROWS, EVALUATION_FLOATS // self.floats_per_image))

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
    return Recipe(
        plan, choices_of(settings), settings.terms, classifier, classes, n_train, n_validation, labelled, validation_labelled, products,
        settings, numbers_of(settings),
    )  # fmt: skip
