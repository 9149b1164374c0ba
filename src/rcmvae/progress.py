"""The progress bar of a fit on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from workbench.runs.job import EpochReport


class progress_bar:
    """A progress bar, or nothing."""

    def __init__(self, shown: bool, total: int) -> None:
        self._shown = shown
        self._total = total

    def __enter__(self) -> Callable[[EpochReport], None]:
        if not self._shown:
            return lambda report: None
        from rich.progress import Progress

        self._progress = Progress()
        task = self._progress.add_task("training", total=self._total)
        self._progress.start()

        def advance(report: EpochReport) -> None:
            self._progress.update(task, completed=report.epoch, description=f"loss {report.metrics['train/loss']:.4g}")

        return advance

    def __exit__(self, *error: object) -> Literal[False]:
        if self._shown:
            self._progress.stop()
        return False
