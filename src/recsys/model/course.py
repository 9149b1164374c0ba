"""How a figure of the validation part went over the epochs, and what that advises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST_EPOCHS = 500
"""As many as a training may have."""

NOTICED = 0.01
"""A last value that is worse than the best one by more than this share of it has turned."""


@dataclass(frozen=True)
class Course:
    """A figure's way over the epochs.

    Attributes:
        figure: its name, in words. epochs: how many were trained. best: the epoch of its best value, from 1.
        way: `rising` if the last value is the best, `turned` if it is worse by more than 1 % of it, else `level`.
    """

    figure: str
    epochs: int
    best: int
    way: Literal["rising", "level", "turned"]

    def advice(self, otherwise: str) -> tuple[str, dict[str, Any]]:
        """What to do, in words, and the settings that do it; `otherwise` is what helps whatever the course was."""
        if self.way == "rising":
            words = f"Train longer: {self.figure} of the validation rows is still improving. Or {otherwise}"
            more = min(2 * self.epochs, MOST_EPOCHS)
            return words, {"epochs": more} if more > self.epochs else {}
        if self.way == "level":
            return f"More epochs no longer improve {self.figure} of the validation rows: {otherwise}", {}
        when = f"{self.figure} of the validation rows was best after epoch {self.best} of {self.epochs}"
        words = f"Do not train longer: {when}. Train for {self.best}, with dropout or L2 regularisation, or {otherwise}"
        return words, {"epochs": self.best}


def course_of(values: Sequence[float | None], figure: str, *, lower: bool) -> Course | None:
    """The course of a figure's value an epoch; None where no epoch has one.

    Args:
        values: by epoch, None where it is not known. lower: whether less is better.
    """
    known = [
        (value if lower else -value, epoch) for epoch, value in enumerate(values, 1) if value is not None
    ]
    if not known:
        return None
    (best, at), (last, _) = min(known), known[-1]
    way = "rising" if best == last else "turned" if last - best > NOTICED * abs(best) else "level"
    return Course(figure, len(values), at, way)
