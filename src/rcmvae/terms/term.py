"""What a loss term is: one declaration of its settings, its function, what that reads, and when it exists.

A function of a term is pure, and reads what its parameters name: an input (see `INPUTS`) or a training setting, its own or
another's. Numbers among the settings come as arrays, everything else as it is. Functions import array libraries when they are
called, so that a declaration can be read without any.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from workbench.fields import ConfigModel, closest

if TYPE_CHECKING:
    from rcmvae.training.recipe import Recipe

Function = Callable[..., Any]

BATCH_INPUTS: Mapping[str, str] = {
    "usage": "(K,) moving average of mean responsibilities, with the gradient of the current batch",
    "log_pi": "(K,) log of the component weights",
    "active": "(K,) 1 for open components",
    "kernels": "the parameters that decay, a tuple of arrays",
    "n_train": "number of training images",
    "decentralized": "whether every component has a latent of its own",
    "life_epoch": "finished epochs of the model's life, for what rises or falls",
}
"""What any term may read, of a training step or a whole evaluation."""

FORWARD_INPUTS: Mapping[str, str] = {
    "responsibilities": "(B, K) r(c|x)",
    "log_responsibilities": "(B, K) log r(c|x)",
    "component_logits": "(B, K) raw logits",
    "component_kl": "(B, C) KL of each posterior to its prior component",
    "negative_log_likelihood": "(B, M) of the decoded components",
    "routing_weights": "(B, M) by which components are decoded",
    "decoded_responsibilities": "(B, M) of the decoded components",
    "mean_latent": "(B, D) latent, or its mean over components weighted by r",
    "noise_level": "(B, M) sigma of a heteroscedastic decoder",
}
"""What the forward pass on a batch of images gives; terms of a value per batch read it in training alone."""

LABELLED_INPUTS: Mapping[str, str] = {
    "label_log_probabilities": "(L, Y) log p(y|x) of labelled images",
    "labels": "(L,) their classes",
    "labelled_latents": "(L, D) their mean latents",
}

VIEW_INPUTS: Mapping[str, str] = {
    "calm_log_probabilities": "(B, Y) log p(y|x) of the images without dropout, without gradient",
    "view_log_probabilities": "(B, Y) log p(y|x) of an augmented view of each",
    "calm_log_responsibilities": "(B, K) log r(c|x) of the images without dropout, without gradient",
    "view_log_responsibilities": "(B, K) log r(c|x) of an augmented view of each",
}
"""What needs an augmented view of every image; a step makes one only if a term reads it."""

SAMPLED_INPUTS: Mapping[str, str] = {"sampled_weights": "(B, K) Gumbel-Softmax weights before gating or hardening"}

INPUTS: Mapping[str, str] = {**BATCH_INPUTS, **FORWARD_INPUTS, **LABELLED_INPUTS, **VIEW_INPUTS, **SAMPLED_INPUTS}


@dataclass(frozen=True)
class ByChoice:
    """A function for each value of a setting."""

    setting: str
    functions: Mapping[Any, Function]


Per = Literal["image", "labelled", "batch"]


def always(_: Recipe) -> bool:
    """Whether something exists that exists in every run."""
    return True


@dataclass(frozen=True, eq=False)
class Measure:
    """A number that is reported beside the loss.

    Attributes:
        name: its metric's name, and `label` for people. per: what `value` returns: a value per `image` (B,), per `labelled` image (L,), or one for the `batch`.
        value: its function. applies: whether it exists in a run.
    """

    name: str
    per: Per
    value: Function | ByChoice
    applies: Callable[[Recipe], bool] = always
    label: str = ""


@dataclass(frozen=True, eq=False)
class Term(Measure):
    """One term of the loss. A term that does not apply is absent: not computed, not logged, not a constant in the loss.

    Attributes:
        weight: name of the setting that is its weight. rise: its share of that weight in [0, 1] by `life_epoch`; evaluation takes 1.
        weighs: whether it counts in the loss; one that does not is reported all the same.
        settings: fields that come with it.
        bound: its value in the ELBO where that differs from `value`; then the metric reports this one.
        direction: whether lower is better; None if neither is. part_of_elbo: whether the ELBO contains it. training_only: absent from evaluation.
        also: what is reported with it.
    """

    weight: str = ""
    rise: Function | None = None
    weighs: Callable[[Recipe], bool] = always
    settings: type[ConfigModel] | None = None
    bound: Function | None = None
    direction: Literal["lower"] | None = "lower"
    part_of_elbo: bool = False
    training_only: bool = False
    also: tuple[Measure, ...] = ()

    @property
    def reads(self) -> frozenset[str]:
        """Every input and setting that any of its functions names."""
        found = {self.weight} if self.weight else set()
        for function in (self.value, self.rise, self.bound, *(measure.value for measure in self.also)):
            found |= named(function)
        return frozenset(found)


@cache
def parameters(function: Function) -> tuple[str, ...]:
    """Names of a function's parameters."""
    return tuple(inspect.signature(function).parameters)


def named(function: Function | ByChoice | None) -> frozenset[str]:
    """What a function, or any of those to choose from, names."""
    if function is None:
        return frozenset()
    if isinstance(function, ByChoice):
        return frozenset((function.setting, *(name for each in function.functions.values() for name in parameters(each))))
    return frozenset(parameters(function))


def check_reads(term: Term, settings: type[ConfigModel]) -> None:
    """Raise TypeError if a function of the term names what is neither an input nor one of `settings`."""
    known = {*INPUTS, *settings.model_fields}
    for name in sorted(term.reads - known):
        guess = closest(name, known)
        raise TypeError(
            f"the term {term.name} reads {name}, which is no input and no setting" + (f"; did you mean {guess}?" if guess else "")
        )
