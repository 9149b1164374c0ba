"""Events for tests of what follows runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StoredEvent:
    """Like the events of the store."""

    seq: int
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    attempt: int = 1
    at: str = "2026-01-01T00:00:00.000Z"


class Script:
    """Writes a run's events in order."""

    def __init__(self) -> None:
        self.events: list[StoredEvent] = []
        self.attempt = 1

    def add(self, kind: str, **payload: Any) -> Script:
        self.events.append(StoredEvent(len(self.events) + 1, kind, payload, self.attempt))
        return self

    def epoch(self, epoch: int, total: int = 10, **metrics: float | None) -> Script:
        named = {key.replace("__", "/"): value for key, value in metrics.items()}
        return self.add("epoch", epoch=epoch, total=total, metrics=named, elapsed_seconds=float(epoch), eta_seconds=float(total - epoch))

    def mixture(self, epoch: int, **values: Any) -> Script:
        return self.add("diagnostics", name="mixture", values={"epoch": epoch, **values})
