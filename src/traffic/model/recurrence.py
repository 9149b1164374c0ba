"""Loops over the steps of sequences, written so that their gradients are cheap."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import jax
from jax import Array

State = TypeVar("State")
Inputs = TypeVar("Inputs")


def over_steps(step: Callable[[State, Inputs], tuple[State, Array]], start: State, x: Inputs, *, backward: bool = False) -> Array:
    """What `step` gives at each step of `x`, an array (L, ...) or several, read from the end if `backward`.

    For its gradient a step is worked out again from the state before it. What a step works out is many times its state and inputs: to
    keep it would cost more than to have it again, and on a CPU loops that read slices of such arrays are not vectorised. So inputs are
    best multiplied inside of `step`, too, where they are narrow.

    Args:
        step: (state, inputs of one step) -> (next state, output).
    """
    _, out = jax.lax.scan(jax.checkpoint(step, prevent_cse=False), start, x, reverse=backward)
    return out
