"""What to notice in a run while it trains: what a family's warnings read and return, and rules that suit many families.

A family's `warnings` is an import string of a pure function from a `Course` to notices, most serious first. A rule is
asked anew at every epoch, so that its notice goes when its reason is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol


class Curve(Protocol):
    """One metric over epochs; None where it had no value. `finite` are its finite values."""

    @property
    def x(self) -> Sequence[int]: ...
    @property
    def y(self) -> Sequence[float | None]: ...
    @property
    def finite(self) -> Sequence[float]: ...
    @property
    def last(self) -> float | None: ...


class Diagnosed(Protocol):
    """Small diagnostics of one epoch."""

    @property
    def epoch(self) -> int: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


class Course(Protocol):
    """A run's course so far: `epoch` epochs, curves by key (`train/loss`), diagnostics by name, newest last."""

    @property
    def epoch(self) -> int: ...
    @property
    def series(self) -> Mapping[str, Curve]: ...
    @property
    def diagnostics(self) -> Mapping[str, Sequence[Diagnosed]]: ...


@dataclass(frozen=True)
class Notice:
    """One thing to notice: what it is, and what may help."""

    text: str
    hint: str = ""


Rule = Callable[[Course], Notice | None]
"""One reason for a notice, judged by all that has come so far."""


def found(rules: Iterable[Rule], course: Course) -> tuple[Notice, ...]:
    """The notices of the rules that have one, in order."""
    return tuple(notice for rule in rules if (notice := rule(course)) is not None)


def values_of(course: Course, *keys: str) -> Sequence[float]:
    """The finite values of the first of these metrics that the run reports."""
    curve = next((course.series[key] for key in keys if key in course.series), None)
    return () if curve is None else curve.finite


def epochs_in_words(n: int) -> str:
    """How many epochs, in words."""
    return f"{n:,} {'epoch' if n == 1 else 'epochs'}"


def rising_loss(key: str = "train/loss", name: str = "training loss") -> Rule:
    """A loss that climbs away from its best."""

    def rule(course: Course) -> Notice | None:
        values = values_of(course, key)
        if len(values) < 8:
            return None
        best, now = min(values), median(values[-3:])
        spread = max(values[0] - best, abs(best) * 0.05)
        if now <= best + spread or now <= best:
            return None
        return Notice(
            f"The {name} has climbed above where it began",
            "The learning rate is probably too high: stop, lower it and resume or start again.",
        )

    return rule


def overfitting(train: str = "train/loss", validation: str = "validation/loss") -> Rule:
    """A validation loss that has risen for long while the training loss fell."""

    def rule(course: Course) -> Notice | None:
        fitted, held = values_of(course, train), values_of(course, validation)
        if len(held) < 20 or len(fitted) < 20:
            return None
        best = min(range(len(held)), key=held.__getitem__)
        since = len(held) - 1 - best
        if since < 15 or fitted[-1] >= fitted[min(best, len(fitted) - 1)]:
            return None
        if median(held[-5:]) <= held[best] + 0.02 * abs(held[best]):
            return None
        return Notice(
            f"The validation loss has not improved for {epochs_in_words(since)} while the training loss still falls",
            "The best weights are kept.",
        )

    return rule


def steep_gradients(key: str = "train/grad_norm") -> Rule:
    """Gradient norms far above what they were."""

    def rule(course: Course) -> Notice | None:
        values = values_of(course, key)
        if len(values) < 10:
            return None
        usual, now = median(values[:-1]), values[-1]
        if usual <= 0 or now < 20 * usual:
            return None
        return Notice(
            f"The gradient norm is {now / usual:.0f} times its usual size",
            "Lower the learning rate or set a gradient clipping norm.",
        )

    return rule
