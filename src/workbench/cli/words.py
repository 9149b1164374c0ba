"""Runs in words, for tables and last lines."""

from __future__ import annotations

from workbench.comparing import measures_of
from workbench.state import RunRecord


def headline(run: RunRecord) -> str:
    """A run's headline metrics: "Accuracy 95.7 %, Loss 12.3"."""
    metrics = measures_of(run)
    known = {name: value for name, value in run.headline.items() if value is not None}
    return ", ".join(f"{metrics.label(name)} {metrics.text(name, value)}" for name, value in known.items())


def duration(seconds: float | None) -> str:
    """Seconds in words: "0.4 s", "48 s", "3 min 05 s"; empty if unknown."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
