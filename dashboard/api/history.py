"""REST for taking back what was done over REST, as the pages do it for what was done in them."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, acting_as
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute

router = APIRouter(tags=["history"], responses=ERRORS, route_class=IdempotentRoute)


class Walked(BaseModel):
    """What was taken back, or brought back."""

    words: str = Field(description="What had been done, in words.")
    version: int = Field(description="The number of this change in the journal.")
    undo: str | None = Field(description="What the next undo would take back; null: nothing.")
    redo: str | None = Field(description="What the next redo would bring back; null: nothing.")


@router.post("/undo", dependencies=[IDEMPOTENT])
@needs("label")
def undo(bench: Bench) -> Walked:
    """Take back the newest change that was made over REST, unless somebody has changed the same since. Runs are never taken back."""
    words = bench.undo_words(acting_as())
    return _walked(bench, words, bench.undo(actor=acting_as()).seq)


@router.post("/redo", dependencies=[IDEMPOTENT])
@needs("label")
def redo(bench: Bench) -> Walked:
    """Bring back what was undone last, unless something that can be undone was done since."""
    words = bench.redo_words(acting_as())
    return _walked(bench, words, bench.redo(actor=acting_as()).seq)


def _walked(bench: Bench, words: str | None, seq: int) -> Walked:
    return Walked(words=words or "", version=seq, undo=bench.undo_words(acting_as()), redo=bench.redo_words(acting_as()))
