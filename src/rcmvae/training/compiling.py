"""Compiling functions of a recipe so that recipes which differ in numbers alone share them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax

from parallel.mesh import giving_whole
from rcmvae.choices import Numbers
from rcmvae.config_training import Training
from rcmvae.training.errors import TrainingError
from rcmvae.training.kept_programs import kept
from rcmvae.training.recipe import Recipe


def check_precision(settings: Training) -> None:
    """Raises TrainingError for a precision that this machine does not train in."""
    if settings.matmul_precision == "bfloat16" and jax.default_backend() == "cpu":
        raise TrainingError("matmul_precision=bfloat16 needs an accelerator, and this machine trains on its processor. Use float32.")


def compiled_for(code: Recipe, function: Callable[..., Any], *, donate: int | None = None) -> Callable[..., Any]:
    """`function(*args, recipe=...)`, compiled, as a function of (numbers, *args). Its programs are kept where JAX's are.

    Args:
        code: a recipe's `code`. donate: index of the one of `args` that the call may overwrite.
    """

    def call(numbers: Numbers, *args: Any) -> Any:
        with jax.default_matmul_precision(code.choices.matmul_precision):
            return giving_whole(function, code.devices)(*args, recipe=code.with_numbers(numbers))

    call.__name__ = function.__name__.lstrip("_")
    donated = None if donate is None else donate + 1
    return kept(jax.jit(call, donate_argnums=donated), code, donated)


def with_numbers(functions: dict[str, Callable[..., Any]], recipe: Recipe) -> dict[str, Callable[..., Any]]:
    """Functions made by `compiled_for`, bound to the numbers of `recipe`."""
    return {name: partial(function, recipe.numbers) for name, function in functions.items()}
