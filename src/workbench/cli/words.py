"""Runs in words, for tables and last lines."""

from __future__ import annotations

from workbench.comparing import Told, headline_metrics
from workbench.state import RunRecord

IN_LISTS = 2
"""Metrics of a run in a list, where a row is to stay on a line."""


def headline(run: RunRecord, most: int | None = None, told: Told | None = None) -> str:
    """A run's headline metrics, of which lists show the first few: "Accuracy 95.7 %, Loss 12.3".

    Args:
        told: the metrics of its summary, which know the units that its data decides.
    """
    metrics = headline_metrics([run], [told or {}])
    known = {name: value for name, value in run.headline.items() if value is not None}
    return ", ".join(f"{metrics[name].label} {metrics[name].text(value)}" for name, value in list(known.items())[:most])


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
