"""Which run a page shows, and what changes seldom in a run's course."""

from __future__ import annotations

from typing import Any

from workbench.state import AppState, RunRecord


def shown_run(state: AppState, *, model: str, run: str | None, latest: bool) -> RunRecord | None:
    """The run a page shows: the model's newest if it follows the latest, else the one it was opened for."""
    if latest:
        return next(iter(state.runs_of(model)), None)
    return state.runs.get(run) if run else None


def phase_of(run: RunRecord | None) -> dict[str, Any]:
    """What changes seldom in a run's course; what does not depend on single epochs listens to it alone."""
    if run is None:
        return {"run": None}
    return {"run": run.id, "attempt": run.attempt, "state": run.state.value, "stop": run.stop_requested_at or ""}
