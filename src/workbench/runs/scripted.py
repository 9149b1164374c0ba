"""Training from a plain script, without the workbench: reporters that keep what they are told or print it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass
class QuietReporter:
    """Keeps what it is told.

    Attributes:
        logs: (level, message). epochs: flat metrics of each epoch. told: the newest diagnostics by name, telling: all of them.
        checkpoints: (path, kind, epoch). progressed: (epoch, fraction). stop_after: epochs after which it asks to stop; None never does.
    """

    stop_after: int | None = None
    logs: list[tuple[str, str]] = field(default_factory=list)
    epochs: list[dict[str, float | None]] = field(default_factory=list)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    telling: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    checkpoints: list[tuple[Path, str, int]] = field(default_factory=list)
    progressed: list[tuple[int, float]] = field(default_factory=list)

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Keep a line."""
        self.logs.append((level, message))

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        """Keep where the epoch stands."""
        del total
        self.progressed.append((epoch, fraction))

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Keep an epoch's metrics."""
        del epoch, total, life_epoch
        self.epochs.append(dict(metrics))

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep diagnostics."""
        self.told[name] = dict(values)
        self.telling.setdefault(name, []).append(dict(values))

    def checkpoint(self, path: Path, kind: Literal["best", "last"], epoch: int) -> None:
        """Keep a checkpoint's place."""
        self.checkpoints.append((path, kind, epoch))

    def finishing(self) -> None:
        """Nothing to note: a script has no deadline."""

    def should_stop(self) -> bool:
        """Whether `stop_after` epochs are done."""
        return self.stop_after is not None and len(self.epochs) >= self.stop_after


class PrintingReporter(QuietReporter):
    """Prints log lines, and a line every few epochs.

    Args:
        shown: metrics of a line, such as `train/loss`; those that an epoch has not are left out. Without any, all that it has.
        every: epochs from one line to the next; the last epoch has one in any case.
    """

    def __init__(self, shown: Sequence[str] = (), *, every: int = 1, stop_after: int | None = None) -> None:
        super().__init__(stop_after)
        self.shown, self.every = tuple(shown), every

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Print a line."""
        super().log(message, level)
        print(message if level == "info" else f"{level}: {message}", flush=True)

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Print an epoch's metrics now and then."""
        super().epoch(epoch, total, metrics, life_epoch)
        if epoch % self.every == 0 or epoch == total:
            known = ((name, metrics.get(name)) for name in self.shown or metrics)
            print(f"epoch {epoch}/{total}  {'  '.join(f'{name} {value:.4g}' for name, value in known if value is not None)}", flush=True)
