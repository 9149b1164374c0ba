"""A run's settings as compiled functions see them: choices that decide the code, and numbers that are its arguments."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import Array

from rcmvae.device import on_device
from rcmvae.marks import Use, uses
from workbench.fields import ConfigModel


@dataclass(frozen=True)
class Choices:
    """The settings that decide which code is compiled, as attributes; equal for settings that differ in numbers alone.

    Attributes:
        values: (name, value) of each. switches: names of the numbers that are set, so that their part of the computation exists.
    """

    values: tuple[tuple[str, Any], ...]
    switches: frozenset[str]

    def on(self, name: str) -> bool:
        """Whether the number of that name switches its part of the computation on."""
        return name in self.switches

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            for known, value in self.values:
                if known == name:
                    return value
        raise AttributeError(f"{name} does not decide what is compiled: it is a number, or read between steps alone")


@jax.tree_util.register_pytree_node_class
class Numbers:
    """The settings that are arguments of compiled functions, as attributes: float32 (); a bound of None is infinite."""

    def __init__(self, names: Iterable[str], values: Iterable[Any]) -> None:
        self._values = dict(zip(names, values, strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all numbers."""
        return tuple(self._values)

    def __getattr__(self, name: str) -> Array:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"{name} is no number among the settings") from None

    def with_values(self, **values: Array) -> Numbers:
        """The same numbers but for `values`."""
        changed = {**self._values, **values}
        return Numbers(changed, changed.values())

    def tree_flatten(self) -> tuple[tuple[Any, ...], tuple[str, ...]]:
        """The numbers, and their names."""
        return tuple(self._values.values()), self.names

    @classmethod
    def tree_unflatten(cls, names: tuple[str, ...], values: Iterable[Any]) -> Numbers:
        """Numbers put together again."""
        return cls(names, values)


def choices_of(settings: ConfigModel) -> Choices:
    """What of `settings` decides which code is compiled."""
    marks = uses(type(settings))
    values = tuple((name, getattr(settings, name)) for name, use in marks.items() if use is Use.CODE)
    return Choices(values, frozenset(name for name, use in marks.items() if use is Use.SWITCH and getattr(settings, name)))


def numbers_of(settings: ConfigModel) -> Numbers:
    """The numbers of `settings`."""
    names = [name for name, use in uses(type(settings)).items() if use in (Use.NUMBER, Use.SWITCH)]
    given = (getattr(settings, name) for name in names)
    return on_device(Numbers(names, [np.float32(math.inf if value is None else value) for value in given]))
