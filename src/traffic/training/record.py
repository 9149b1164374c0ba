"""What a run remembers of its epochs, as plain values; it goes into every checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traffic.config_training import Schedule, Training

MONITOR = "val/masked_mae/avg"
"""What decides which weights are the best, where nothing else is asked for."""


@dataclass
class RunRecord:
    """The course of a run.

    Attributes:
        best_epoch: 1-based, whose validation was best, its `best_value`; epochs `since_best`.
        shrunk: what is left of the learning rate after plateaus; epochs `stalled` since it was cut or the metric improved.
        seconds: training so far, over all attempts. devices: that trained last. metrics: one flat mapping an epoch.
    """

    best_epoch: int | None = None
    best_value: float | None = None
    since_best: int = 0
    shrunk: float = 1.0
    stalled: int = 0
    seconds: float = 0.0
    devices: int = 1
    metrics: list[dict[str, float | None]] = field(default_factory=list)

    def judge(self, epoch: int, value: float, least: float) -> bool:
        """Whether an epoch's value is the best so far, by more than `least` if that is not 0."""
        better = math.isfinite(value) and (self.best_value is None or self.best_value - value > least)
        if better:
            self.best_epoch, self.best_value, self.since_best = epoch, value, 0
        else:
            self.since_best += 1
        return better

    def cool(self, schedule: Schedule, improved: bool) -> bool:
        """Count an epoch for a schedule of plateaus; whether the rate is cut now."""
        if schedule.name != "plateau":
            return False
        self.stalled = 0 if improved else self.stalled + 1
        if self.stalled <= schedule.patience:
            return False
        self.shrunk, self.stalled = self.shrunk * schedule.factor, 0
        return True

    def plain(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> RunRecord:
        """The record of a checkpoint."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


def monitored(settings: Training) -> str:
    """The validation's metric that is watched, by its key in an epoch's metrics without the set."""
    name = MONITOR if settings.early_stopping is None else settings.early_stopping.monitor
    _, metric, *horizon = name.split("/")
    return metric if horizon in ([], ["avg"]) else f"{metric}_{horizon[0]}"
