"""`/api/health` for people and supervisors, `/api/metrics` for Prometheus."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from dashboard.api.dependencies import Bench
from workbench.state import AppState, RunState

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """Whether Trellis works, in few numbers."""

    status: str = Field(description="ok: the store answers.")
    version: int = Field(description="Number of the journal's last row.")
    models: int
    runs: int
    active_runs: int


def _health(state: AppState) -> Health:
    runs = [r for r in state.runs.values() if r.deleted_at is None]
    models = sum(m.deleted_at is None for m in state.models.values())
    return Health(status="ok", version=state.version, models=models, runs=len(runs), active_runs=sum(r.state.active for r in runs))


@router.get("/health")
def health(bench: Bench) -> Health:
    """Reads the store; an answer means that it works."""
    return _health(bench.state())


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(bench: Bench) -> PlainTextResponse:
    """Counts in Prometheus' text format."""
    state = bench.state()
    now = _health(state)
    by_state = Counter(r.state for r in state.runs.values() if r.deleted_at is None)
    lines = [
        "# HELP trellis_models Models that are not deleted.", "# TYPE trellis_models gauge", f"trellis_models {now.models}",
        "# HELP trellis_runs Runs that are not deleted, by state.", "# TYPE trellis_runs gauge",
        *(f'trellis_runs{{state="{s.value}"}} {by_state[s]}' for s in RunState),
        "# HELP trellis_journal_rows Number of the journal's last row.", "# TYPE trellis_journal_rows counter",
        f"trellis_journal_rows {now.version}",
    ]  # fmt: skip
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
