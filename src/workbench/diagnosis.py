"""Looking at what a finished run kept, between the core and a family: with which of today's facts, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Today:
    """What may have changed since a run kept its diagnostics.

    Attributes:
        labels: dataset row -> class, as people have labelled by now; those of the run if not given.
        class_names: the vocabulary by now; that of the run if not given. resolved: the run's values, autos replaced.
        blend: share of the reconstruction in the OOD score, in [0, 1]. since: the run in words, such as "run #3".
    """

    labels: Mapping[int, int] | None = None
    class_names: tuple[str, ...] | None = None
    resolved: Mapping[str, Any] = field(default_factory=dict)
    blend: float = 0.0
    since: str = "the run"


@dataclass(frozen=True)
class Presented:
    """A run's diagnostics as they are to be looked at now; `note` says in a line what differs from what was kept."""

    bundle: Any
    note: str | None = None
