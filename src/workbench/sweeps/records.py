"""A sweep as the store keeps it, and its trials, which are runs that know of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from workbench.commands.base import CommandError
from workbench.families.metrics import Direction
from workbench.kinds import RecordKind
from workbench.state import AppState, Record, RunRecord
from workbench.sweeps.settings import Pruner, Sampler
from workbench.sweeps.space import Parameter

KIND = "sweep"
SweepState = Literal["running", "stopped", "completed", "failed"]


class Refused(BaseModel):
    """A trial whose settings do not go together, so that it has no run."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    number: int
    values: dict[str, Any]
    why: str


class SweepRecord(Record):
    """A sweep. What it searches and how never changes.

    Attributes:
        model_id: whose settings are searched, or which is cloned. space: see `space.Parameter`.
        objective: a metric as epochs report it. direction: which values of it are better.
        trials, at_once, seed, minutes, sampler, pruner, architectures: see `settings.SweepSettings`.
        confirmed: somebody said yes to whatever the family foresees of its trials.
        refused: trials whose settings the model's type refuses.
        begun_before: how many trials it had begun when it was last resumed.
    """

    number: int
    name: str
    model_id: str
    family: str
    model_type: str
    space: tuple[Parameter, ...]
    objective: str
    direction: Direction
    trials: int
    at_once: int
    sampler: Sampler
    pruner: Pruner
    seed: int
    minutes: float | None = None
    architectures: bool = False
    confirmed: bool = False
    state: SweepState = "running"
    reason: str = ""
    refused: tuple[Refused, ...] = ()
    begun_before: int = 0
    note: str = ""
    created_at: str
    updated_at: str
    ended_at: str | None = None
    deleted_at: str | None = None

    @property
    def tag(self) -> str:
        """What the clones of its trials are tagged with."""
        return f"sweep-{self.number}"


def sweeps_of(state: AppState, model_id: str | None = None) -> tuple[SweepRecord, ...]:
    """The sweeps that are not deleted, all or those of a model, newest first."""
    found: list[SweepRecord] = [s for s in state.of(KIND).values() if s.deleted_at is None and model_id in (None, s.model_id)]
    return tuple(sorted(found, key=lambda s: s.number, reverse=True))


def trials_of(state: AppState, sweep_id: str) -> tuple[RunRecord, ...]:
    """The runs that are trials of a sweep, deleted ones included, in the order of the trials."""
    found = [run for run in state.runs.values() if run.trial is not None and run.trial.sweep == sweep_id]
    return tuple(sorted(found, key=number_of))


def number_of(run: RunRecord) -> int:
    """A trial's number."""
    assert run.trial is not None
    return run.trial.number


def next_trial(state: AppState, sweep: SweepRecord) -> int:
    """The number of the trial that comes next, from 1."""
    numbers = [number_of(run) for run in trials_of(state, sweep.id)] + [refused.number for refused in sweep.refused]
    return max(numbers, default=0) + 1


def best_trial(state: AppState, sweep: SweepRecord) -> RunRecord | None:
    """The trial with the best value among those that ran to their end; None before the first one has."""
    known = [run for run in trials_of(state, sweep.id) if run.trial and run.trial.told == "completed" and run.trial.value is not None]
    best = min if sweep.direction == "lower" else max
    return best(known, key=lambda run: run.trial.value) if known else None  # type: ignore[union-attr]


def _require_deletable(state: AppState, sweep: SweepRecord) -> None:
    if sweep.state == "running":
        raise CommandError(f"The sweep {sweep.name} is running; stop it before deleting it.", "sweep", code="conflict")


SWEEP = RecordKind(KIND, "sweep", SweepRecord, "sweep", named=True, deletable=_require_deletable)
"""What the core knows of sweeps as records."""
