"""A quick test on the command line: found, followed to its end, and as JSON values."""

from __future__ import annotations

from typing import Any

from rich.progress import Progress

from recsys.cli.results import print_results, results_of
from recsys.commands.quick_tests import is_test
from recsys.progress import ended_in, of_run
from recsys.quick_tests import hint_of, status_of
from recsys.service import RecommenderService
from recsys.trial import TrialPayload
from workbench.cli.following import Follower, metrics_in_words
from workbench.cli.output import FAILED, INTERRUPTED, console, print_json, say
from workbench.cli.run_ends import last_line
from workbench.cli.words import duration
from workbench.runs.events import StoredEvent
from workbench.state import RunRecord, RunState
from workbench.workbench import Workbench


class TestFollower(Follower):
    """Shows a test's stages and epochs, a line each as they are done."""

    __test__ = False

    def __init__(self, workbench: Workbench, run_id: str, *, quiet: bool) -> None:
        super().__init__(workbench, run_id, quiet=quiet)
        self._told: set[str] = set()

    def show(self, progress: Progress, task: object, event: StoredEvent) -> None:
        if not self.quiet:
            if event.kind == "diagnostics" and event.payload["name"] == "stages":
                for row in event.payload["values"]["stages"]:
                    self._tell_stage(row)
            elif event.kind == "epoch":
                metrics = metrics_in_words(self.run(), event.payload["metrics"])
                say(f"  epoch {event.payload['epoch']} of {event.payload['total']}: {metrics}")
        # what is doubtful about the results is said below them
        if event.kind == "log" and event.payload["level"] == "warning" and "train" in self._told:
            return
        super().show(progress, task, event)

    def _tell_stage(self, row: dict[str, Any]) -> None:
        if row["status"] == "running" or row["stage"] in self._told:
            return
        self._told.add(row["stage"])
        how = f", {row['status']}" if row["status"] != "done" else ""
        say(f"{row['stage']}: {duration(row['seconds'])}{how}")


def follow(workbench: Workbench, run: RunRecord, *, as_json: bool) -> int:
    """Follow a test, or the run of a model that one was promoted to, to its end, say what it found, and return the exit code."""
    workbench.runs.keep_watch()
    word, group = ("Test", "quick-tests") if is_test(run) else ("Run", "runs")
    if not as_json:
        say(f"{word} #{run.number} ({run.id}): {title_of(run)}")
    follower = TestFollower(workbench, run.id, quiet=as_json)
    try:
        run = follower.follow()
    except KeyboardInterrupt:
        words = f"`trellis {group} show {run.number}` says how it ended."
        say(f"{word} #{run.number} goes on stopping by itself; {words}")
        return INTERRUPTED
    told = results_of(workbench, run)
    if as_json:
        print_json(values(workbench, run, told))
    else:
        console().print(last_line(run), markup=False, soft_wrap=True)
        if run.error is not None and run.error.hint:
            say(run.error.hint)
        if told is not None:
            print_results(told)
    if follower.interrupted:
        return INTERRUPTED
    return 0 if run.state in (RunState.COMPLETED, RunState.STOPPED) else FAILED


def values(workbench: Workbench, run: RunRecord, told: dict[str, Any] | None = None) -> dict[str, Any]:
    """A test as JSON values, with what it found where that was read."""
    status = status_of(run)
    payload = TrialPayload.model_validate(run.payload)
    progress = of_run(workbench.runs, run)
    about = {
        "id": run.id, "number": run.number, "name": payload.name, "status": status.word,
        "progress_percent": progress.percent, "current_stage": progress.stage,
        "resumable": status.resumable, "error_code": status.error_code, "reason": run.reason,
        "error_stage": ended_in(run, progress),
        "hint": hint_of(run),
        "feature_config": payload.features_of.model_dump(),
        "model_config": None if payload.model_of is None else payload.model_of.model_dump(),
        "settings": payload.settings, "overrides": payload.overrides.model_dump(),
        "headline": dict(run.headline), "epochs_done": run.epochs_done,
        "duration_seconds": run.duration_seconds, "folder": workbench.runs.where(run.id),
    }  # fmt: skip
    model = workbench.state().model_of(run)
    if model is not None and payload.promoted_from is not None:
        about["promoted_from"] = payload.promoted_from.model_dump()
        about["promoted_model"] = {"id": model.id, "number": model.number, "name": model.name}
    return about if told is None else {**about, "results": told}


def find_quick_test(workbench: Workbench, reference: str) -> RunRecord:
    """The test that a reference means: its id, or its number with or without a #. Raises CommandError."""
    return RecommenderService(workbench).tests.get(reference)


def title_of(run: RunRecord) -> str:
    """A test's name and what it is of."""
    payload = TrialPayload.model_validate(run.payload)
    model = "" if payload.model_of is None else f" + {payload.model_of.name}"
    title = f"{payload.features_of.name}{model}"
    return f"{payload.name}: {title}" if payload.name else title
