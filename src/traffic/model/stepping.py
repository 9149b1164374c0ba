"""Loops over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

UNROLLED_STEPS = 16
"""Loops of at most so many steps are written out: each step's work is then free of the loop's copies."""


def over_time(step: Callable[[Any, Any], tuple[Any, Any]], state: Any, inputs: Any, length: int) -> tuple[Any, Any]:
    """`step(state, input) -> (state, output)` for each of `length` inputs along the first axis; outputs are stacked."""
    return jax.lax.scan(step, state, inputs, length=length, unroll=length if length <= UNROLLED_STEPS else 1)
