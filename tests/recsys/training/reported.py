"""A reporter that keeps what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Reported:
    """What a trainer told, in order."""

    stop: bool = False
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def log(self, message: str, level: str = "info") -> None:
        self.calls.append(("log", message))

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        self.calls.append(("progress", (epoch, total, fraction)))

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        self.calls.append(("epoch", (epoch, total, dict(metrics), life_epoch)))

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        self.calls.append((name, dict(values)))

    def checkpoint(self, path: Path, kind: str, epoch: int) -> None:
        self.calls.append(("checkpoint", (path, kind, epoch)))

    def finishing(self) -> None:
        self.calls.append(("finishing", None))

    def should_stop(self) -> bool:
        return self.stop

    def of(self, name: str) -> list[Any]:
        """What was told under one name."""
        return [value for told, value in self.calls if told == name]
