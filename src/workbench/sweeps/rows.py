"""A sweep's trials as tables, pages and REST show them. Pure functions of the state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.families import family, model_type
from workbench.fields import show_value
from workbench.state import AppState, RunRecord, RunState
from workbench.sweeps.records import SweepRecord, best_trial, number_of, trials_of

ORDER = ("running", "starting", "queued", "completed", "pruned", "stopped", "interrupted", "failed", "refused")
"""What may be said of a trial, as it is counted."""


@dataclass(frozen=True)
class TrialRow:
    """One trial.

    Attributes:
        state: the run's while it is under way, then what became of the trial; `refused` for one without a run.
        over: whether it was told what became of it. value: the best of the sweep's objective over its epochs. why: what is to be said of its
            end. best: whether it is the best one. deleted: whether its run was deleted.
    """

    number: int
    values: Mapping[str, Any]
    state: str
    value: float | None = None
    run_id: str | None = None
    run_number: int | None = None
    model_id: str | None = None
    epochs: int = 0
    seconds: float | None = None
    why: str = ""
    over: bool = True
    best: bool = False
    deleted: bool = False


def rows_of(state: AppState, sweep: SweepRecord) -> tuple[TrialRow, ...]:
    """The trials in their order."""
    best = best_trial(state, sweep)
    rows = [_row(run, best is run) for run in trials_of(state, sweep.id)]
    rows += [TrialRow(refused.number, refused.values, "refused", why=refused.why) for refused in sweep.refused]
    return tuple(sorted(rows, key=lambda row: row.number))


def best_so_far(rows: Iterable[TrialRow], sweep: SweepRecord) -> tuple[tuple[int, float, float], ...]:
    """(number, value, best value until then) of the trials that ran to their end."""
    better = min if sweep.direction == "lower" else max
    found: list[tuple[int, float, float]] = []
    for row in rows:
        if row.state == "completed" and row.value is not None:
            found.append((row.number, row.value, better(row.value, found[-1][2]) if found else row.value))
    return tuple(found)


def counted(rows: Iterable[TrialRow]) -> dict[str, int]:
    """How many trials are in each state, those that there are."""
    found = Counter(row.state for row in rows)
    return {state: found[state] for state in ORDER if found[state]}


def whys(rows: Iterable[TrialRow]) -> tuple[tuple[str, int], ...]:
    """Why trials gave no value, the most frequent reason first, with how many each kept back."""
    return tuple(Counter(row.why for row in rows if row.why and row.state in ("refused", "failed")).most_common())


def standing(rows: Iterable[TrialRow], sweep: SweepRecord) -> str:
    """How far a sweep is: "7 of 20 trials: 1 running, 4 completed, 2 pruned"."""
    counts = counted(rows)
    said = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{sum(counts.values())} of {sweep.trials} trials{f': {said}' if said else ''}"


def labels_of(sweep: SweepRecord) -> dict[str, str]:
    """What people call each setting that is searched, by path."""
    fields = model_type(sweep.family, sweep.model_type).fields
    return {p.path: fields.specs[p.path].label if p.path in fields.specs else p.path for p in sweep.space}


def objective_title(sweep: SweepRecord) -> str:
    """The objective's name: "Loss, validation"."""
    return family(sweep.family).measures.title(sweep.objective)


def objective_text(sweep: SweepRecord, value: float | None) -> str:
    """A value of the objective in words."""
    return family(sweep.family).measures.text(sweep.objective, value)


def value_text(value: Any) -> str:
    """A searched value in words, numbers with the digits that help."""
    return f"{value:.4g}" if isinstance(value, float) else show_value(tuple(value) if isinstance(value, list) else value)


def _row(run: RunRecord, best: bool) -> TrialRow:
    trial = run.trial
    assert trial is not None
    why = "" if run.state is RunState.COMPLETED else trial.pruned or run.reason
    if trial.told == "failed" and not why:
        why = "It told no value of the objective."
    return TrialRow(
        number=number_of(run), values=trial.tried, state=trial.told or run.state.value, value=trial.value, run_id=run.id,
        run_number=run.number, model_id=run.subject.id, epochs=run.epochs_done, seconds=run.duration_seconds, why=why, over=bool(trial.told), best=best,
        deleted=run.deleted_at is not None,
    )  # fmt: skip
