"""What loss terms read, computed when the first of them asks, and the calls of their functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from rcmvae.model.extras import MixtureExtras
from rcmvae.model.network import Network, Parameters
from rcmvae.terms.term import FORWARD_INPUTS, INPUTS, ByChoice, Function, Measure, Per, Term, parameters
from rcmvae.training.optimiser import kernels
from rcmvae.training.recipe import Recipe

Source = Any
"""An input, or how it is computed."""


class Inputs:
    """The inputs of one step, or of one evaluation; settings are read off the recipe."""

    def __init__(self, recipe: Recipe, sources: Mapping[str, Source]) -> None:
        self.recipe = recipe
        self._sources = dict(sources)
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """An input or a setting by name. Raises KeyError for an input that there is not here, AttributeError for no setting."""
        if name not in INPUTS:
            recipe = self.recipe
            return getattr(recipe.numbers, name) if name in recipe.numbers.names else getattr(recipe.choices, name)
        if name not in self._found:
            if name not in self._sources:
                what = "there is no forward pass" if name in FORWARD_INPUTS else "it is not known"
                raise KeyError(f"a term reads {name}, but {what} where it is computed")
            source = self._sources[name]
            self._found[name] = source() if callable(source) else source
        return self._found[name]

    def call(self, function: Function | ByChoice) -> Any:
        """What a function says of these inputs."""
        if isinstance(function, ByChoice):
            function = function.functions[getattr(self.recipe.choices, function.setting)]
        return function(**{name: self[name] for name in parameters(function)})

    def reported(self, measure: Measure) -> Any:
        """The value that a metric reports."""
        bound = measure.bound if isinstance(measure, Term) else None
        return self.call(bound or measure.value)

    def weight(self, term: Term) -> Array | float:
        """The weight of a term: its share of its setting in training, all of it in evaluation."""
        if not term.weighs(self.recipe):
            return 0.0
        weight = self[term.weight]
        return weight if term.rise is None or "life_epoch" not in self._sources else weight * self.call(term.rise)


def average(value: Array, per: Per, weights: Array, images: Array) -> Array:
    """One number of a term's value in a step: images by their `weights` (B,), which sum to `images`."""
    return jnp.sum(value * weights) / images if per == "image" else jnp.mean(value)


def batch_sources(recipe: Recipe, network: Network, parameters: Parameters, usage: Array) -> dict[str, Source]:
    """What any term may read: of the parameters, and `usage` (K,) of the components."""
    return {
        "usage": usage,
        "log_pi": network.prior.log_pi,
        "active": network.prior.active[...],
        "kernels": lambda: kernels(parameters, recipe),
        "n_train": recipe.n_train,
        "decentralized": recipe.plan.decentralized,
    }


def forward_sources(extras: MixtureExtras) -> dict[str, Source]:
    """What a forward pass on a batch of images gives."""
    sources: dict[str, Source] = {
        "responsibilities": extras.responsibilities,
        "log_responsibilities": extras.encoded.log_responsibilities,
        "component_logits": extras.encoded.component_logits,
        "component_kl": extras.component_kl,
        "negative_log_likelihood": extras.negative_log_likelihood,
        "routing_weights": extras.routing_weights,
        "decoded_responsibilities": extras.decoded_responsibilities,
        "mean_latent": extras.mean_latent,
    }
    return sources if extras.noise_level is None else {**sources, "noise_level": extras.noise_level}


def without_gradient(compute: Callable[[], Any]) -> Callable[[], Any]:
    """`compute`, computed once, whose result carries no gradient."""
    found: list[Any] = []

    def computed() -> Any:
        if not found:
            found.append(jax.lax.stop_gradient(compute()))
        return found[0]

    return computed
