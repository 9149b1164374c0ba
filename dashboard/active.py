"""The active runs of all families, for the bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.about import about_of, followed_at
from dashboard.live.reader import feed_of
from dashboard.shell import ActiveRun
from workbench.state import Kind

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def active_runs(workbench: Workbench) -> list[ActiveRun]:
    """Queued, starting and running runs with how far each is, newest first."""
    state = workbench.state()
    found = []
    for run in reversed(state.active_runs):
        feed = feed_of(workbench, run.id)
        about = about_of(state, run)
        href = f"{about.href}/train" if run.subject.kind == Kind.MODEL and about.href else followed_at(run)
        found.append(ActiveRun(run, about.title, href, feed.share, None if feed.standing else feed.eta, workbench.runs.obstacle(run)))
    return found
