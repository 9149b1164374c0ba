"""What workers and reconcilers report of a run: claimed, running, checkpoints, its end.

Each is conditional on the run's attempt, so that one that wakes late changes nothing.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import field_validator

from workbench.commands.base import Change, Changes, Command, CommandError, Env, Put
from workbench.commands.rules import (
    find_run,
    put_run,
    weights_at,
)
from workbench.roles import Role
from workbench.state import AppState, CheckpointRef, Kind, RunError, RunRecord, RunState

Headline = dict[str, float | None]


class ClaimRunCommand(Command):
    """A worker takes a queued run; with `attempt`, only if it is at that one."""

    role: ClassVar[Role] = "train"
    run_id: str
    attempt: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _current(state, self.run_id, self.attempt, (RunState.QUEUED,))
        return put_run(run, state=RunState.STARTING, started_at=run.started_at or env.now, reason="")


class MarkRunningCommand(Command):
    """The first step of training is about to be made."""

    role: ClassVar[Role] = "train"
    run_id: str
    attempt: int

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _current(state, self.run_id, self.attempt, (RunState.STARTING, RunState.RUNNING))
        return put_run(run, state=RunState.RUNNING, lost_starts=0)


class QueueAgainCommand(Command):
    """A worker was lost before it began to compute: the run waits for another, as its next attempt."""

    role: ClassVar[Role] = "train"
    run_id: str
    attempt: int
    reason: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _current(state, self.run_id, self.attempt, (RunState.STARTING,))
        return put_run(run, state=RunState.QUEUED, attempt=run.attempt + 1, lost_starts=run.lost_starts + 1, reason=self.reason)

    @property
    def words(self) -> str:
        return "Queue the run again: its worker ended before the work began"


class RecordCheckpointCommand(Command):
    """A complete checkpoint lies in the run's folder and counts from now on."""

    role: ClassVar[Role] = "train"
    run_id: str
    attempt: int
    kind: Literal["best", "last"]
    checkpoint: CheckpointRef
    epochs_done: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _current(state, self.run_id, self.attempt, (RunState.STARTING, RunState.RUNNING))
        done = self.checkpoint.epoch if self.epochs_done is None else self.epochs_done
        update: dict[str, Any] = {"epochs_done": max(run.epochs_done, done)}
        update["best_checkpoint" if self.kind == "best" else "last_checkpoint"] = self.checkpoint
        return put_run(run, **update)

    @property
    def words(self) -> str:
        return f"Checkpoint ({self.kind}) at epoch {self.checkpoint.epoch}"


class FinishRunCommand(Command):
    """A run ends: completed, stopped or failed.

    Args:
        kept: the checkpoint whose weights the model uses from now on. Without one it is the run's best (else last)
            recorded checkpoint, and if there is none, the model keeps the weights it had. So it does after a trial of other
            settings than its own (`RunRecord.aside`).
    """

    role: ClassVar[Role] = "train"
    run_id: str
    attempt: int
    outcome: Literal["completed", "stopped", "failed"]
    reason: str = ""
    error: RunError | None = None
    headline: Headline = {}  # noqa: RUF012 (pydantic copies it)
    units: dict[str, str] = {}  # noqa: RUF012
    epochs_done: int | None = None
    duration_seconds: float | None = None
    kept: CheckpointRef | None = None

    @field_validator("headline", mode="after")
    @classmethod
    def _finite(cls, value: Headline) -> Headline:
        return {name: number if number is not None and math.isfinite(number) else None for name, number in value.items()}

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _current(state, self.run_id, self.attempt, (RunState.STARTING, RunState.RUNNING))
        update: dict[str, Any] = {"state": RunState(self.outcome), "reason": self.reason, "error": self.error, "ended_at": env.now}
        if self.headline:
            update |= {"headline": self.headline, "units": self.units}
        if self.epochs_done is not None:
            update["epochs_done"] = self.epochs_done
        if self.duration_seconds is not None:
            update["duration_seconds"] = self.duration_seconds
        return (*put_run(run, **update), *_keep_weights(state, env, run, self.kept))

    @property
    def words(self) -> str:
        return f"The run ended: {self.outcome}"


class MarkInterruptedCommand(Command):
    """A run's process is gone without having said how it ended."""

    role: ClassVar[Role] = "train"
    run_id: str
    attempt: int
    reason: str
    duration_seconds: float | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _current(state, self.run_id, self.attempt, (RunState.STARTING, RunState.RUNNING))
        duration = run.duration_seconds if self.duration_seconds is None else self.duration_seconds
        changes = put_run(run, state=RunState.INTERRUPTED, reason=self.reason, ended_at=env.now, duration_seconds=duration)
        return (*changes, *_keep_weights(state, env, run, None))

    @property
    def words(self) -> str:
        return "The run was interrupted"


def _current(state: AppState, run_id: str, attempt: int | None, states: tuple[RunState, ...]) -> RunRecord:
    """The run, if it is at that attempt and in one of the states. Raises CommandError conflict."""
    run = find_run(state, run_id, deleted=True)
    if attempt is not None and run.attempt != attempt:
        raise CommandError(f"Run #{run.number} is at attempt {run.attempt}, not {attempt}.", "attempt", code="conflict")
    if run.state not in states:
        wanted = " or ".join(s.value for s in states)
        raise CommandError(f"Run #{run.number} is {run.state.value}, not {wanted}.", "state", code="conflict")
    return run


def _keep_weights(state: AppState, env: Env, run: RunRecord, kept: CheckpointRef | None) -> tuple[Change, ...]:
    checkpoint = kept or run.best_checkpoint or run.last_checkpoint
    model = state.model_of(run)
    if checkpoint is None or model is None or run.aside:
        return ()
    update = {"weights": weights_at(run, checkpoint), "updated_at": env.now}
    return (Put(Kind.MODEL, model.id, model.model_copy(update=update)),)
