"""How many windows data gives, and what an epoch of them costs, from facts and settings alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traffic import counting
from traffic.config_data import DEFAULT_HORIZON, DEFAULT_LOOKBACK, DataUse
from traffic.facts import TrafficFacts
from traffic.windows.size import WindowSize, counted
from traffic.windows.size import rows_needed as needed

Counts = tuple[int, int, int]


def window_counts(facts: TrafficFacts, use: DataUse, lookback: int | None = None, horizon: int | None = None) -> Counts:
    """Windows of training, validation and test, as far as facts tell: gaps that strict splits leave out are not known before reading."""
    size = WindowSize(
        lookback or use.window.sequence_length or DEFAULT_LOOKBACK, horizon or use.window.prediction_length or DEFAULT_HORIZON
    )
    train, val, test = counted(facts.steps, size, use.protocol, use.split)
    return -(-train // use.train_stride), val, test


def rows_needed(use: DataUse, lookback: int, horizon: int) -> int:
    """Rows that would give each set a window."""
    return needed(WindowSize(lookback, horizon), use.protocol, use.split)


def operations_per_epoch(values: Mapping[str, Any], n_train: int) -> float:
    """Floating point operations of one epoch over `n_train` windows, or over as many of them as the settings take."""
    return counting.operations_per_epoch(values, min(n_train, values.get("max_train_windows") or n_train))
