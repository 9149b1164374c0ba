"""The active runs of all families, for the bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.live.reader import feed_of
from dashboard.shell import ActiveRun

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def active_runs(workbench: Workbench) -> list[ActiveRun]:
    """Queued, starting and running runs with how far each is, newest first."""
    state = workbench.state()
    found = []
    for run in state.runs.values():
        if not run.state.active or run.deleted_at is not None:
            continue
        feed = feed_of(workbench, run.id)
        model = state.models.get(run.subject.id)
        found.append(ActiveRun(run, model.name if model else run.subject.id, feed.share, feed.eta, workbench.runs.obstacle(run)))
    return sorted(found, key=lambda active: active.run.number, reverse=True)
