"""What an examination finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["ok", "warning", "fault"]

CLOCK_SECONDS = 5.0
"""By how much two clocks may differ; leases are fifteen seconds long."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: its short name. level: `fault` keeps Trellis from working as it should, `warning` may, soon.
        what: how it stands, in a sentence. todo: what to do about it; "" where nothing is to be done. facts: numbers for programs.
    """

    check: str
    level: Level
    what: str
    todo: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def ok(check: str, what: str, **facts: Any) -> Finding:
    """All is well."""
    return Finding(check, "ok", what, facts=facts)


def warning(check: str, what: str, todo: str, **facts: Any) -> Finding:
    """Something that may go wrong, or is in the way."""
    return Finding(check, "warning", what, todo, facts)


def fault(check: str, what: str, todo: str, **facts: Any) -> Finding:
    """Something that does not work."""
    return Finding(check, "fault", what, todo, facts)
