"""A run's headline metrics beside what simple methods reached on the same data, as the family's metrics name them, with units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.comparing import Told, headline_metrics, value_at
from workbench.families import Metric
from workbench.state import RunRecord


@dataclass(frozen=True)
class Beside:
    """One headline metric of a run.

    Attributes:
        metric: as its family declares it, in the unit of the run's data. value: the model's, None if it has none.
        references: name of a simple method -> what it reached; those that have no value are left out.
    """

    name: str
    metric: Metric
    value: float | None
    references: Mapping[str, float]

    def best(self) -> frozenset[str | None]:
        """Who reached the best value, None for the model; nobody where no value is better than another."""
        everyone: dict[str | None, float] = {**self.references} if self.value is None else {None: self.value, **self.references}
        best = self.metric.better(everyone.values()) if len(everyone) > 1 else None
        return frozenset(who for who, value in everyone.items() if value == best)

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        metric = self.metric
        return {
            "key": self.name, "label": metric.label, "unit": metric.unit, "direction": metric.direction, "value": self.value,
            "references": dict(self.references),
        }  # fmt: skip


def beside(run: RunRecord, told: Told) -> tuple[Beside, ...]:
    """The headline metrics of a run, in order, each with the simple methods that its family sets beside it."""
    found = []
    for name, metric in headline_metrics([run], [told]).items():
        reached = {title: value_at(told, key) for title, key in metric.references}
        known = {title: number for title, number in reached.items() if number is not None}
        found.append(Beside(name, metric, run.headline[name], known))
    return tuple(found)
