"""Looking at what a finished run kept, between the core and a family: what has changed since, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from workbench.families.noticing import Notice


@dataclass(frozen=True)
class Since:
    """What may have changed since a run kept its diagnostics.

    Attributes:
        mark: differs whenever the facts do (`workbench.kept.Same` makes a mark of an immutable part of the state).
        facts: () -> the facts, of the family's own type; asked for only where the mark is a new one.
    """

    mark: Hashable
    facts: Callable[[], Any]


@dataclass(frozen=True)
class Presented:
    """A run's diagnostics as they are to be looked at now; `note` says in a line what differs from what was kept, `notices` what to notice."""

    bundle: Any
    note: str | None = None
    notices: tuple[Notice, ...] = ()
