"""What every encoder offers: whole windows at once, and one step at a time.

Inside an encoder arrays are time-major, (L, S, width), where S = B * N sequences are those of each batch row's detectors.
"""

from __future__ import annotations

from typing import Any, Protocol

from jax import Array

from traffic.model.dropout import Dropout


class Encoder(Protocol):
    """Turns the inputs of steps into states of `width` features."""

    width: int

    def __call__(self, x: Array, constant: Array | None, dropout: Dropout | None, last: int) -> Array:
        """States after each of the `last` T steps.

        Args:
            x: inputs of steps (L, B, N, F). constant: those that stay the same over time, (N, C), if there are any.

        Returns:
            (T, B * N, width).
        """
        ...

    def init_state(self, batch: int) -> Any:
        """The state before the first step of so many sequences."""
        ...

    def step(self, state: Any, x: Array, constant: Array | None) -> tuple[Any, Array]:
        """One step of every sequence: `x` (batch, F) and `constant` (batch, C). Returns the next state and (batch, width)."""
        ...


class NoStepsError(Exception):
    """The network reads whole windows only; says why."""


def sequences(x: Array) -> Array:
    """(L, B, N, F) as (L, B * N, F)."""
    return x.reshape(x.shape[0], -1, x.shape[-1])
