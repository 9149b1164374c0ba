"""The clock at the edge: UTC to the millisecond for people and records, monotonic seconds for durations."""

from __future__ import annotations

import time
from datetime import UTC, datetime

monotonic = time.monotonic
"""Seconds that never run backwards; only differences mean anything."""


def utc_now() -> str:
    """Now as UTC ISO 8601 text with milliseconds and a trailing Z: `2025-03-01T12:00:00.000Z`."""
    return to_text(datetime.now(UTC))


def to_text(moment: datetime) -> str:
    """An aware datetime in the one spelling that records use. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone; use an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The aware datetime behind a record's time. Raises ValueError for anything else."""
    return datetime.fromisoformat(text.removesuffix("Z") + "+00:00" if text.endswith("Z") else text).astimezone(UTC)


def seconds_between(start: str, end: str) -> float:
    """Wall-clock seconds from one record's time to another."""
    return (from_text(end) - from_text(start)).total_seconds()
