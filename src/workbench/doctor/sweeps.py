"""Whether somebody drives the sweeps that are said to run. The store knows no drivers, but they leave no sweep without a trial for long."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import from_text, utc_now
from workbench.doctor.finding import Finding, ok, warning
from workbench.state import AppState
from workbench.sweeps.records import SweepRecord, sweeps_of, trials_of

PATIENCE_SECONDS = 60.0
"""How long a sweep may have no trial under way: a driver looks every second, and needs a few to load the search and to make a clone."""


def examine(state: AppState) -> Iterator[Finding]:
    """Nothing where no sweep runs. As long as a trial trains, nobody can tell."""
    running = [sweep for sweep in reversed(sweeps_of(state)) if sweep.state == "running"]
    idle = [sweep for sweep in running if _seconds_idle(state, sweep) > PATIENCE_SECONDS]
    facts = {"running": len(running), "idle": [sweep.id for sweep in idle]}
    if idle:
        names = ", ".join(f"sweep #{sweep.number}" for sweep in idle[:5])
        todo = f"Start a server, which goes on with it, or stop it: `trellis sweeps stop {idle[0].number}`."
        yield warning("sweeps", f"Nobody goes on with {names}, said to be running.", todo, **facts)
    elif running:
        yield ok("sweeps", f"Sweeps that run: {len(running)}, each with a trial under way or begun a moment ago.", **facts)


def _seconds_idle(state: AppState, sweep: SweepRecord) -> float:
    """Since when a sweep has had no trial under way; 0 while it has one."""
    runs = trials_of(state, sweep.id)
    if any(run.state.active for run in runs):
        return 0.0
    last = max(from_text(at) for at in (sweep.updated_at, *(run.ended_at or run.created_at for run in runs)))
    return (from_text(utc_now()) - last).total_seconds()
