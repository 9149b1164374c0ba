"""A reporter whose events are folded as pages fold them, so that tests can ask what would be noticed at each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.live.feed import Feed, fold
from rcmvae.warnings import notices
from tests.dashboard.live.feeding import Script
from workbench.runs.scripted import QuietReporter


class Followed(QuietReporter):
    """Keeps the feed of a run.

    Attributes:
        feed: all that came so far. noticed: texts of the notices after each epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.script, self.feed = Script(), Feed()
        self.noticed: list[list[str]] = []

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Fold an epoch's metrics."""
        super().epoch(epoch, total, metrics, life_epoch)
        if epoch > 1:
            self.noticed.append(self.texts())
        self.script.add("epoch", epoch=epoch, total=total, metrics=dict(metrics), elapsed_seconds=1.0, eta_seconds=1.0)

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Fold an epoch's diagnostics."""
        super().diagnostics(name, values)
        self.script.add("diagnostics", name=name, values=dict(values))

    def texts(self) -> list[str]:
        """What would be noticed now."""
        self.feed = fold(self.feed, self.script.events)
        return [notice.text for notice in notices(self.feed)]
