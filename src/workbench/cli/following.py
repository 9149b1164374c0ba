"""Following a run on the terminal: a progress bar with rate and time left, and a clean stop on Ctrl+C."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from workbench.cli.opening import actor
from workbench.cli.output import error_console
from workbench.cli.words import duration
from workbench.commands.base import CommandError
from workbench.families import Metrics, family, is_registered
from workbench.runs.events import StoredEvent
from workbench.runs.queueing import ahead_of, taker_command
from workbench.state import RunRecord, RunState
from workbench.workbench import Workbench

SHOWN = 2
"""Metrics beside the bar."""


class Follower:
    """Shows one run's events as they come.

    Ctrl+C asks the run to stop and waits for its clean end; a second one leaves it to itself.
    """

    def __init__(self, workbench: Workbench, run_id: str, *, quiet: bool) -> None:
        self._workbench = workbench
        self._run_id = run_id
        self.quiet = quiet
        self.interrupted = False

    def follow(self, after: int = 0) -> RunRecord:
        """Follow until the run has ended and return it as it ended. Raises KeyboardInterrupt at the second Ctrl+C."""
        with self._shown() as progress:
            task = progress.add_task(self._waiting(progress), total=None, speed="", left="")
            cursor = after
            while True:
                try:
                    for event in self._workbench.runs.follow(self._run_id, cursor):
                        cursor = event.seq
                        self.show(progress, task, event)
                    break
                except KeyboardInterrupt:
                    if self.interrupted:
                        raise
                    self.interrupted = True
                    progress.update(task, description="stopping")
                    self._ask_to_stop()
        return self.run()

    def run(self) -> RunRecord:
        """The run as it stands."""
        return self._workbench.state().runs[self._run_id]

    def _waiting(self, progress: Progress) -> str:
        """What the run waits for; what may take long (others come first, another host trains) is said on a line of its own, which stays."""
        state = self._workbench.state()
        run = state.runs[self._run_id]
        if run.state is not RunState.QUEUED:
            return "starting"
        words = self._workbench.runs.waiting_words(run)
        settings = self._workbench.settings
        elsewhere = settings.executor != "local"
        if not self.quiet and (elsewhere or ahead_of(state, run)):
            hint = (
                f" One that listens takes it within seconds; where none does, this starts one: {taker_command(settings, run.framework)}"
                if elsewhere
                else ""
            )
            progress.console.print(Text(f"{words}.{hint}"), soft_wrap=True)
        return words

    def _ask_to_stop(self) -> None:
        try:
            self._workbench.runs.request_stop(actor=actor(), run_id=self._run_id)
        except CommandError:
            # It ended by itself in the same moment; following on shows how.
            return

    def show(self, progress: Progress, task: object, event: StoredEvent) -> None:
        """Show one event; a family's follower may say more."""
        payload = event.payload
        update: dict[str, object] = {}
        if event.kind in ("started", "resumed"):
            update = {"description": "starting", "total": payload.get("total_epochs"), "completed": payload.get("from_epoch", 0)}
        elif event.kind == "progress":
            update = {"total": payload["total"], "completed": payload["epoch"] - 1 + payload["fraction"]}
        elif event.kind == "epoch":
            metrics = payload["metrics"]
            seconds = metrics.get("epoch_seconds")
            update = {
                "total": payload["total"],
                "completed": payload["epoch"],
                "description": metrics_in_words(self.run(), metrics) or "training",
                "speed": f"{1 / seconds:.1f} epochs/s" if seconds else "",
                "left": "" if payload["eta_seconds"] is None else f"{duration(payload['eta_seconds'])} left",
            }
        elif event.kind == "log" and not self.quiet:
            style = {"error": "red", "warning": "yellow"}.get(payload["level"], "")
            progress.console.print(Text(payload["message"], style=style), soft_wrap=True)
        if update:
            if self.interrupted:
                update["description"] = "stopping"
            progress.update(task, **update)  # type: ignore[arg-type]

    @contextmanager
    def _shown(self) -> Iterator[Progress]:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}", markup=False),
            TextColumn("{task.fields[left]}", markup=False),
        )
        disable = self.quiet or not sys.stderr.isatty()
        with Progress(*columns, console=error_console(), disable=disable, transient=True) as progress:
            yield progress


def metrics_in_words(run: RunRecord, metrics: Mapping[str, float | None]) -> str:
    """The first metrics that the run's family watches, as far as the epoch has them."""
    declared = family(run.family) if is_registered(run.family) else None
    watched = declared.watched if declared and declared.watched else tuple(metrics)
    measures = declared.measures if declared else Metrics()
    shown: dict[str, str] = {}
    for key in watched:
        value = metrics.get(key)
        if value is not None:
            metric = measures.of(key)
            shown.setdefault(metric.key, f"{measures.title(key)} {metric.text(value)}")
    return "  ".join(list(shown.values())[:SHOWN])
