"""What a warning is: a doubt about a test that does not keep it from running, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

WarningSeverity = Literal["info", "medium", "high"]

GRAVEST_FIRST: tuple[WarningSeverity, ...] = ("high", "medium", "info")


class Code(StrEnum):
    """What a warning is about."""

    STEEP_RATE = "W-01"
    ADAPTIVE_RATE = "W-02"
    FEW_ROWS = "W-03"
    FEW_STEPS = "W-04"
    LEAK = "W-05"
    COLD_ROWS = "W-06"
    COLLAPSE = "W-07"
    NO_LIFT = "W-08"
    BATCH = "W-09"
    ONE_ITEM = "W-10"
    VARYING_ITEM = "W-11"
    BATCH_NORM = "W-12"
    SETTINGS = "W-13"
    IDLE_TASK = "W-14"
    MEMORY = "W-15"
    BEATEN = "W-16"


@dataclass(frozen=True)
class Action:
    """What to do about a warning.

    Attributes:
        words: for people.
        settings: the model's settings that it changes, by field name; empty where no setting helps.
        without_columns: columns that it takes out of both towers.
    """

    words: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    without_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConfigWarning:
    """One doubt. `dataclasses.asdict` gives its JSON form."""

    code: Code
    severity: WarningSeverity
    message: str
    action: Action


def ranked(warnings: Iterable[ConfigWarning]) -> tuple[ConfigWarning, ...]:
    """The gravest first, those that matter as much in the order of their codes."""
    return tuple(sorted(warnings, key=lambda warning: (GRAVEST_FIRST.index(warning.severity), warning.code)))
