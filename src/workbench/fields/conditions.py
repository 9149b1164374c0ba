"""Conditions on other fields, under which a field means anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.fields.words import show_value


class _Set:
    """Stands for "any value but none" in a condition."""

    def __str__(self) -> str:
        return "a value"


class _NonZero:
    """Stands for "any number but 0" in a condition."""

    def __str__(self) -> str:
        return "not 0"


SET = _Set()


NONZERO = _NonZero()


@dataclass(frozen=True)
class When:
    """Holds when every named field has one of the values listed for it."""

    allowed: tuple[tuple[str, tuple[Any, ...]], ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the condition is met by `values` (a missing name never meets it)."""
        return not self.failing(values)

    def failing(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the fields that keep the condition from holding."""

        def met(name: str, options: tuple[Any, ...]) -> bool:
            if name not in values:
                return False
            value = values[name]
            if NONZERO in options:
                return isinstance(value, int | float) and value != 0
            return (value is not None) if SET in options else value in options

        return tuple(name for name, options in self.allowed if not met(name, options))

    def describe(self, values: Mapping[str, Any] | None = None) -> str:
        """The condition in words: "prior_type is mixture or vamp"; with `values`, its failing parts only."""
        names = self.failing(values) if values is not None else tuple(n for n, _ in self.allowed)
        parts = [f"{name} is {' or '.join(show_value(o) for o in options)}" for name, options in self.allowed if name in names]
        return " and ".join(parts)

    def within(self, prefix: str, siblings: Collection[str]) -> When:
        """The same seen from outside a sub-config: names of its `siblings` get the sub-config's path before them."""
        return When(tuple((f"{prefix}.{name}" if name in siblings else name, options) for name, options in self.allowed))


@dataclass(frozen=True)
class AnyOf:
    """Holds when one of its conditions does."""

    options: tuple[When, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(option.holds(values) for option in self.options)

    def failing(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return () if self.holds(values) else tuple(dict.fromkeys(n for o in self.options for n in o.failing(values)))

    def describe(self, values: Mapping[str, Any] | None = None) -> str:
        return " or ".join(option.describe(values) for option in self.options)

    def within(self, prefix: str, siblings: Collection[str]) -> AnyOf:
        return AnyOf(tuple(option.within(prefix, siblings) for option in self.options))


Condition = When | AnyOf


def when(paths: Mapping[str, Any] | None = None, /, **allowed: Any) -> When:
    """A condition: `when(prior_type=("mixture", "vamp"), learnable_pi=True)`.

    Args:
        paths: the same for dotted names, as in `when({"encoder.kind": "conv"})`. In a sub-config, names of its own fields are
            those beside the field; all others are full paths.
        allowed: name -> a value or a tuple of them; `SET`: anything but none, `NONZERO`: any number but 0.
    """
    named = {**(paths or {}), **allowed}
    return When(tuple((name, value if isinstance(value, tuple) else (value,)) for name, value in named.items()))


def any_of(*options: When) -> AnyOf:
    """A condition that holds when one of `options` does."""
    return AnyOf(options)
