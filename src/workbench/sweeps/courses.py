"""What epochs said of a trial's objective."""

from __future__ import annotations

from collections.abc import Callable

from workbench.families.metrics import Direction
from workbench.runs.events import EventPage, StoredEvent


class Course:
    """The objective of one run over its epochs, read as its events come.

    Args:
        read: `read(after) -> EventPage` of the run's events.

    Attributes:
        total: epochs that the run is to have. values: the objective by epoch.
    """

    def __init__(self, objective: str, read: Callable[[int], EventPage]) -> None:
        self._objective, self._read = objective, read
        self._cursor = 0
        self.total = 0
        self.values: dict[int, float | None] = {}

    def look(self) -> tuple[tuple[int, float | None], ...]:
        """(epoch, value) of the epochs that were told since the last look; what a resume takes back is forgotten."""
        new: dict[int, float | None] = {}
        while page := self._read(self._cursor).items:
            self._cursor = page[-1].seq
            for event in page:
                self._take(event, new)
        return tuple(sorted(new.items()))

    def best(self, direction: Direction) -> float | None:
        """The best value of all epochs; None without any."""
        known = [value for value in self.values.values() if value is not None]
        return (min if direction == "lower" else max)(known, default=None)

    def _take(self, event: StoredEvent, new: dict[int, float | None]) -> None:
        if event.kind in ("started", "resumed"):
            kept = event.payload.get("from_epoch", 0) if event.kind == "resumed" else 0
            self.values = {epoch: value for epoch, value in self.values.items() if epoch <= kept}
        elif event.kind == "epoch":
            epoch, self.total = event.payload["epoch"], event.payload.get("total", 0)
            self.values[epoch] = new[epoch] = event.payload.get("metrics", {}).get(self._objective)
