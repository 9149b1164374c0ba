"""`/api/health` for people and supervisors."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dashboard.api.dependencies import Bench
from workbench.state import AppState

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
