"""`/api/endings`: which runs and sweeps have ended since somebody asked last, for whoever wants to be told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dashboard.api.dependencies import Bench
from dashboard.api.errors import ERRORS
from dashboard.below import at
from workbench.notifying.endings import ended_since
from workbench.notifying.message import Message, about, page_of

router = APIRouter(tags=["runs"], responses=ERRORS)

FARTHEST = 1000
"""Rows of the journal that are looked through."""


class Ending(BaseModel):
    """A run or a sweep that has ended."""

    kind: str = Field(description="`run_ended` or `sweep_ended`.")
    run: str = Field(description="Id of the run, empty for a sweep.")
    sweep: str = Field(description="Id of the sweep, of a trial's run too; else empty.")
    state: str
    title: str = Field(description="Which run or sweep, of what, and how it ended.")
    results: str = Field(description="Its headline metrics, of a sweep its best trial, in words.")
    page: str = Field(description="Where it is shown, an address of this server.")
    key: str = Field(description="The same for the same ending.")


class Endings(BaseModel):
    """Runs and sweeps that ended since the row that was named."""

    items: list[Ending]
    next: int = Field(description="The row to name the next time.")


@router.get("/endings")
def endings(
    bench: Bench,
    after: Annotated[int | None, Query(ge=0, le=10**18, description="`next` of the answer before; none the first time.")] = None,
) -> Endings:
    """Runs and sweeps that ended after a row of the journal, oldest first; trials of sweeps only where TRELLIS_NOTIFY_TRIALS asks for them.

    The first time there are none, and `next` says where to go on.
    """
    state, trials = bench.state(), bench.settings.notify_trials
    found = () if after is None else ended_since(bench.store, state, after, FARTHEST, trials=trials)
    return Endings(items=[_ending(about(ended, state, ""), page_of(ended)) for ended in found], next=state.version)


def _ending(told: Message, page: str) -> Ending:
    return Ending(
        kind=told.kind, run=told.run, sweep=told.sweep, state=told.state, title=told.title, results=told.results, page=at(page), key=told.id
    )
