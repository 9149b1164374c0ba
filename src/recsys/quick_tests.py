"""A quick test's status as people and REST see it, read off the core's run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.runs.endings import what_next
from workbench.state import RunRecord, RunState

StatusWord = Literal["pending", "running", "completed", "failed", "cancelled"]

STATUS_WORDS: dict[RunState, StatusWord] = {
    RunState.QUEUED: "pending",
    RunState.STARTING: "running",
    RunState.RUNNING: "running",
    RunState.COMPLETED: "completed",
    RunState.STOPPED: "cancelled",
    RunState.FAILED: "failed",
    RunState.INTERRUPTED: "failed",
}


@dataclass(frozen=True)
class QuickTestStatus:
    """Where a test stands.

    Attributes:
        resumable: whether it ended early and has a checkpoint to go on from.
        error_code: why it did not complete, for programs; None for a test that did or is not over.
    """

    word: StatusWord
    resumable: bool
    error_code: str | None


def status_of(run: RunRecord) -> QuickTestStatus:
    """The status of a test's run."""
    resumable = run.state.resumable and run.last_checkpoint is not None
    return QuickTestStatus(STATUS_WORDS[run.state], resumable, _error_code(run))


def hint_of(run: RunRecord) -> str | None:
    """What to do about a test that failed; None where nothing more is known."""
    if run.error is not None:
        return run.error.hint or None
    return what_next(run) if run.state is RunState.INTERRUPTED else None


def _error_code(run: RunRecord) -> str | None:
    match run.state:
        case RunState.STOPPED:
            return "CANCELLED"
        case RunState.INTERRUPTED:
            return "WORKER_LOST"
        case RunState.FAILED:
            return (run.error.code if run.error is not None else "") or "INTERNAL"
        case _:
            return None
