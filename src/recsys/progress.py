"""How far a quick test is: its stages, the one that is going on, and a percentage, read off what its worker told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.families import Step
from workbench.state import RunRecord, RunState

if TYPE_CHECKING:
    from workbench.runs.events import StoredEvent
    from workbench.services.runs import RunService

KINDS = ("diagnostics", "epoch", "progress")
"""Events that say how far a test is; the newest of each attempt and kind are enough."""

STAGE_WORDS: Mapping[str, str] = {
    "validate": "Check the configurations", "load": "Load the data", "split": "Divide the rows",
    "fit_transforms": "Fit the transforms", "generate": "Generate the code", "check": "Check the code", "train": "Train",
    "evaluate": "Measure", "baselines": "Measure the baselines", "export": "Export",
}  # fmt: skip
"""What each stage is called."""

_STAGES, _TRAIN = "stages", "train"
_FAILED = (RunState.FAILED, RunState.INTERRUPTED)
_ALMOST = 99.0
"""The most before a test has completed."""


@dataclass(frozen=True)
class Progress:
    """Where a test stands.

    Attributes:
        percent: 0 to 100, weighted by what stages are expected to take; 100 for a completed test alone. None for a test that
            ended otherwise, long ago.
        stage: that is going on or was done last, or that it ended in; None before the first and for a completed test.
        stages: of the latest attempt: `stage`, `status`, `seconds`; none while it waits for a worker.
        finishing: whether it goes on although its last stage is done.
    """

    percent: float | None
    stage: str | None
    stages: tuple[Mapping[str, Any], ...]
    finishing: bool = False

    @property
    def words(self) -> str:
        """What it does as people read it; "" for nothing yet."""
        if self.finishing:
            return "Finishing"
        return "" if self.stage is None else stage_words(self.stage)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The stages as every page can show them."""
        return tuple(
            Step(stage_words(str(row["stage"])), row["status"], float(row["seconds"])) for row in self.stages
        )


def stage_words(stage: str) -> str:
    """A stage as people read it."""
    return STAGE_WORDS.get(stage, stage.replace("_", " "))


def of_run(runs: RunService, run: RunRecord) -> Progress:
    """Where a run stands: what pages, REST and the command line all say of it."""
    return progress_of(run, runs.latest(run.id, KINDS))


def progress_of(run: RunRecord, told: Iterable[StoredEvent]) -> Progress:
    """Where a test stands. A percentage that was reached in one attempt is not taken back by the next.

    Args:
        told: the newest events of `KINDS` in each attempt, oldest first.
    """
    attempts: dict[int, list[StoredEvent]] = {}
    for event in told:
        attempts.setdefault(event.attempt, []).append(event)
    # A test that waits for its next attempt is in no stage of the one before.
    stages = () if run.state is RunState.QUEUED else _rows(attempts.get(run.attempt, ()))
    if run.state in _FAILED:
        # A worker that is gone could not tell how its stage ended.
        stages = tuple(row if row["status"] != "running" else {**row, "status": "failed"} for row in stages)
    percents = [percent for events in attempts.values() if (percent := _percent(events)) is not None]
    ended = not run.state.active
    if run.state is RunState.COMPLETED:
        return Progress(100.0, None, stages)
    unfinished = next((str(row["stage"]) for row in reversed(stages) if row["status"] != "done"), None)
    if unfinished is None and stages and not ended:
        unfinished = str(stages[-1]["stage"])  # one is done and the next has not said yet that it began
    reached = max(percents, default=None if ended else 0.0)
    stage = run.error.stage if ended and run.error is not None and run.error.stage else unfinished
    finishing = (
        not ended
        and bool(stages)
        and stages[-1]["status"] == "done"
        and max(percents, default=0.0) >= _ALMOST
    )
    return Progress(None if reached is None else round(min(reached, _ALMOST), 1), stage, stages, finishing)


def ended_in(run: RunRecord, progress: Progress) -> str | None:
    """The stage that a test failed in, where that is known; None for a test that did not fail."""
    if run.state not in _FAILED:
        return None
    return progress.stage


def _last(events: Iterable[StoredEvent]) -> Mapping[str, Any] | None:
    """What was told last of an attempt's stages."""
    found = [e for e in events if e.kind == "diagnostics" and e.payload["name"] == _STAGES]
    return found[-1].payload["values"] if found else None


def _rows(events: Sequence[StoredEvent]) -> tuple[Mapping[str, Any], ...]:
    last = _last(events)
    return () if last is None else tuple(last["stages"])


def _percent(events: Sequence[StoredEvent]) -> float | None:
    """How far one attempt came; None if it told nothing of it."""
    last = _last(events)
    if last is None or "percent" not in last:
        return None
    running = next((row["stage"] for row in last["stages"] if row["status"] == "running"), None)
    within = _trained(events) if running == _TRAIN else 0.0
    return float(last["percent"]) + float(last["share"]) * within


def _trained(events: Iterable[StoredEvent]) -> float:
    """The share of all epochs that is done."""
    done = [0.0]
    for event in events:
        total = event.payload.get("total") or 0
        if event.kind == "epoch" and total:
            done.append(event.payload["epoch"] / total)
        elif event.kind == "progress" and total:
            done.append((event.payload["epoch"] - 1 + event.payload["fraction"]) / total)
    return min(1.0, max(done))
