"""What a run remembers beside its state: the best epoch, its histories, how long components were idle. Plain values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass
class RunRecord:
    """The record of one run, saved in its checkpoints.

    Attributes:
        best_epoch: the run's epoch (1-based) whose weights are kept. best_value: its monitored value, None without validation.
        since_best: epochs since. seconds: training time so far, over all attempts. devices: that trained last.
        epochs: life epochs (1-based) of `metrics`, one flat mapping each.
        mixture_epochs, pi, usage, hardness, temperature, active: the mixture's history, lists of the same length.
        idle: for each component, epochs in a row in which nothing used it.
    """

    best_epoch: int | None = None
    best_value: float | None = None
    since_best: int = 0
    seconds: float = 0.0
    devices: int = 1
    epochs: list[int] = field(default_factory=list)
    metrics: list[dict[str, float | None]] = field(default_factory=list)
    mixture_epochs: list[int] = field(default_factory=list)
    pi: list[list[float]] = field(default_factory=list)
    usage: list[list[float]] = field(default_factory=list)
    hardness: list[float | None] = field(default_factory=list)
    temperature: list[float | None] = field(default_factory=list)
    active: list[list[int]] = field(default_factory=list)
    idle: list[int] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> RunRecord:
        """The record of a checkpoint."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})
