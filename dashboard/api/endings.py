"""`/api/endings`: which runs have ended since somebody asked last, for whoever wants to be told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dashboard.api.dependencies import Bench
from dashboard.api.errors import ERRORS
from workbench.notifying.endings import ended_since
from workbench.notifying.message import about

router = APIRouter(tags=["runs"], responses=ERRORS)

FARTHEST = 1000
"""Rows of the journal that are looked through."""


class Ending(BaseModel):
    """A run that has ended."""

    run: str
    state: str
    title: str = Field(description="Which run, of what, and how it ended.")
    results: str = Field(description="Its headline metrics in words.")


class Endings(BaseModel):
    """Runs that ended since the row that was named."""

    items: list[Ending]
    next: int = Field(description="The row to name the next time.")


@router.get("/endings")
def endings(
    bench: Bench,
    after: Annotated[int | None, Query(ge=0, le=10**18, description="`next` of the answer before; none the first time.")] = None,
) -> Endings:
    """Runs that ended after a row of the journal, oldest first. The first time there are none, and `next` says where to go on."""
    state = bench.state()
    found = () if after is None else ended_since(bench.store, state, after, FARTHEST)
    told = [(run, about(run, state, "")) for run in found]
    items = [Ending(run=run.id, state=run.state.value, title=message.title, results=message.results) for run, message in told]
    return Endings(items=items, next=state.version)
