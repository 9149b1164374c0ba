"""Metric values as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.families import Metric

LONGEST_LIST = 24
PLAIN = Metric("", "")


def value_text(value: Any, metric: Metric = PLAIN) -> str:
    """A metric's value on one line: four significant digits or percent, long lists by their length."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return metric.text(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {value_text(part, metric)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return _list_text(list(value), metric)
    return str(value)


def metric_text(record: Mapping[str, Any], metric: Metric = PLAIN) -> str:
    """What a metric answered: its value, or its state with the reason."""
    if record.get("state") == "success":
        return value_text(record.get("value"), metric.in_unit(str(record.get("unit") or "")))
    return f"{record.get('state')}: {record.get('reason') or 'no reason given'}"


def source_text(record: Mapping[str, Any]) -> str:
    """What a value was computed on: "test, n = 360"; empty if that says nothing."""
    parts = [str(record["split"])] if record.get("split") else []
    if record.get("n") is not None:
        parts.append(f"n = {record['n']:,}")
    return ", ".join(parts)


def _list_text(values: list[Any], metric: Metric) -> str:
    if values and all(isinstance(row, list | tuple) for row in values):
        return f"a table of {len(values)} by {len(values[0])}, in summary.json"
    if len(values) > LONGEST_LIST:
        return f"{len(values)} values, in summary.json"
    return ", ".join(value_text(value, metric) for value in values) if values else "none"
