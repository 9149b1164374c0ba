"""Following a run to its end, and how it did."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from workbench.beside import beside
from workbench.cli.comparison import table_beside
from workbench.cli.following import Follower
from workbench.cli.output import FAILED, INTERRUPTED, console, print_json, print_table, say
from workbench.cli.words import duration, headline
from workbench.comparing import Told
from workbench.services.run_files import read_json
from workbench.state import RunRecord, RunState
from workbench.workbench import Workbench


def follow_to_end(workbench: Workbench, run: RunRecord, as_json: bool, after: int = 0) -> int:
    """Follow a run until it ends, say how it did, and return the exit code."""
    workbench.runs.keep_watch()
    follower = Follower(workbench, run.id, quiet=as_json)
    try:
        run = follower.follow(after)
    except KeyboardInterrupt:
        say(f"Run #{run.number} goes on stopping by itself; `trellis runs show {run.number}` says how it ended.")
        return INTERRUPTED
    if as_json:
        print_json(run_values(workbench, run))
    else:
        told = told_of(workbench, run)
        console().print(Text(last_line(run, told)), soft_wrap=True)
        print_beside(run, told)
    if follower.interrupted:
        return INTERRUPTED
    return 0 if run.state in (RunState.COMPLETED, RunState.STOPPED) else FAILED


def run_values(workbench: Workbench, run: RunRecord) -> dict[str, Any]:
    """A run as JSON values, its folder included, and its metrics with their units and what simple methods reached."""
    about = {f"{run.subject.kind}_id": run.subject.id, "folder": workbench.runs.where(run.id)}
    return {**run.model_dump(mode="json"), **about, "beside": [row.plain() for row in beside(run, told_of(workbench, run))]}


def told_of(workbench: Workbench, run: RunRecord) -> Told:
    """Every metric of a run's summary; none of a run without one."""
    return read_json(workbench, run.id, "summary.json").get("metrics", {})


def print_beside(run: RunRecord, told: Told) -> None:
    """The table of a run's metrics beside simple methods, if it has any."""
    table = table_beside(beside(run, told))
    if table is not None:
        print_table(table.columns, table.rows, "")


def last_line(run: RunRecord, told: Told | None = None) -> str:
    """How a run ended, in one line."""
    parts = [f"Run #{run.number} {run.state.value} after {run.epochs_done} epoch{'' if run.epochs_done == 1 else 's'}"]
    if run.duration_seconds is not None:
        parts.append(duration(run.duration_seconds))
    if run.headline:
        parts.append(headline(run, told=told))
    return ", ".join(parts) + (f". {run.reason}" if run.reason else ".")
