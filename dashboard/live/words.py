"""Durations, sizes and counts as people read them. Metrics are worded by their family's declaration."""

from __future__ import annotations

import math


def duration(seconds: float | None) -> str:
    """A duration: "under 0.1 s", "0.8 s", "42 s", "3 min 10 s", "2 h 5 min"; nothing if it is unknown."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 0.05:
        return "under 0.1 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def size(n_bytes: int) -> str:
    """A file's size: "812 B", "24 kB", "3.1 MB" (decimal units)."""
    if n_bytes < 1_000:
        return f"{n_bytes} B"
    if n_bytes < 1_000_000:
        return f"{n_bytes / 1_000:.0f} kB"
    if n_bytes < 1_000_000_000:
        return f"{n_bytes / 1_000_000:.1f} MB"
    return f"{n_bytes / 1_000_000_000:.2f} GB"


def plural(n: int, word: str, many: str | None = None) -> str:
    """A count with its noun: "1 epoch", "3 epochs"."""
    return f"{n:,} {word if n == 1 else many or word + 's'}"
