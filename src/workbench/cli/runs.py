"""`trellis runs`: list, show, stop, resume and follow runs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from workbench.cli.comparison import metric_lines, setting_lines, table_of_setting
from workbench.cli.opening import actor, find_run, opened
from workbench.cli.output import AsJson, print_json, print_pairs, print_table, say
from workbench.cli.run_ends import follow_to_end, print_beside, run_values, told_of
from workbench.cli.words import IN_LISTS, duration, headline
from workbench.commands.rules import title
from workbench.kinds import kind_of
from workbench.listing.asked import all_runs, asked_of, select
from workbench.listing.columns import columns_of
from workbench.listing.expressions.values import EXAMPLES
from workbench.listing.views import view_named
from workbench.runs import diagnosing
from workbench.runs.events import StoredEvent
from workbench.services.comparison import compare
from workbench.state import RunState
from workbench.workbench import Workbench

app = typer.Typer(help="List runs, show, stop, resume and follow one.", invoke_without_command=True)

RunReference = Annotated[str, typer.Argument(metavar="RUN", help="The run's id or number.")]


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List runs, newest first."""
    if context.invoked_subcommand is None:
        list_runs(as_json=as_json)


@app.command("columns")
def list_columns(as_json: AsJson = False) -> None:
    """List what `runs list` can filter and sort by: facts, metrics and settings of the runs that there are."""
    with opened() as workbench:
        columns = columns_of(all_runs(workbench.state()))
    if as_json:
        print_json([{"key": c.key, "title": c.title, "kind": c.kind, "source": c.source, "unit": c.unit} for c in columns])
        return
    print_table(("Key", "Title", "Values", "From"), [(c.key, c.title, EXAMPLES[c.kind], c.source) for c in columns], "No columns.")


@app.command("list")
def list_runs(
    state: Annotated[RunState | None, typer.Option(help="Only runs in this state.")] = None,
    where: Annotated[
        str, typer.Option(metavar="EXPRESSION", help="Only runs that fit, such as 'duration > 2 min and tag = baseline'.")
    ] = "",
    sort: Annotated[
        str, typer.Option(metavar="COLUMNS", help="Keys of columns by which to sort, - before one for the largest first.")
    ] = "",
    view: Annotated[str, typer.Option(metavar="VIEW", help="A saved view, by name or id; --where and --sort go before what it says.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first unless sorted otherwise."""
    with opened() as workbench:
        workbench.runs.look()
        now = workbench.state()
    given = {name: value for name, value in (("where", where), ("sort", sort)) if value}
    found = select(now, asked_of(given, view_named(now, view).asked if view else None)).runs
    runs = [run for run in found if state is None or run.state is state][:limit]
    if as_json:
        print_json([run.model_dump(mode="json") for run in runs])
        return
    rows = [
        (
            f"#{r.number}",
            r.id,
            title(now.of(r.subject.kind)[r.subject.id]),
            r.state.value,
            str(r.epochs_done),
            duration(r.duration_seconds),
            headline(r, IN_LISTS),
        )
        for r in runs
    ]
    print_table(("No.", "Id", "Of", "State", "Epochs", "Time", "Result"), rows, "No runs.")


@app.command("show")
def show(run: RunReference, as_json: AsJson = False) -> None:
    """Show one run."""
    with opened() as workbench:
        workbench.runs.look()
        record = find_run(workbench, run)
        values, told = run_values(workbench, record), told_of(workbench, record)
        subject = workbench.state().of(record.subject.kind)[record.subject.id]
    if as_json:
        print_json(values)
        return
    pairs = [
        ("Run", f"#{record.number} {record.id}"),
        (kind_of(record.subject.kind).word.capitalize(), f"{title(subject)} ({subject.id})"),
        ("State", record.state.value),
        ("Reason", record.reason),
        ("Attempt", str(record.attempt)),
        ("Epochs", str(record.epochs_done)),
        ("Time", duration(record.duration_seconds)),
        ("Result", headline(record, told=told)),
        ("Started", record.started_at or ""),
        ("Ended", record.ended_at or ""),
        ("Folder", values["folder"]),
    ]
    print_pairs([(name, value) for name, value in pairs if value])
    print_beside(record, told)


@app.command("compare")
def compare_runs(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Two to ten runs, by id or number.")],
    every: Annotated[bool, typer.Option("--all", help="Every metric of their summaries, not only the few that lists show.")] = False,
    group: Annotated[str | None, typer.Option(metavar="SETTING", help="Means over the runs that agree in this setting.")] = None,
    as_json: AsJson = False,
) -> None:
    """Runs beside each other: their metrics, * at the best, and the settings in which they differ."""
    with opened() as workbench:
        found = compare(workbench, [find_run(workbench, run).id for run in runs])
    if as_json:
        print_json({"runs": [run.model_dump(mode="json") for run in found.runs], **found.values()})
        return
    means = None if group is None else table_of_setting(found, group)
    columns = ("", *(f"#{run.number}" for run in found.runs))
    rows = metric_lines(found.metrics if every else found.headlines)
    print_table(columns, rows, "No metrics.")
    if found.apart:
        say(found.apart)
    print_table(columns, setting_lines(found.differing), "All settings are the same.")
    if means is not None:
        print_table(*means, "No metrics.")


@app.command("stop")
def stop(run: RunReference, as_json: AsJson = False) -> None:
    """Ask a run to stop and wait until it has; its trained weights are kept."""
    with opened() as workbench:
        record = workbench.runs.request_stop(actor=actor(), run_id=find_run(workbench, run).id)
        raise typer.Exit(follow_to_end(workbench, record, as_json, _cursor(workbench, record.id)))


@app.command("resume")
def resume(run: RunReference, as_json: AsJson = False) -> None:
    """Go on from a run's last checkpoint and follow it. Ctrl+C stops it after a clean checkpoint."""
    with opened() as workbench:
        record = find_run(workbench, run)
        cursor = _cursor(workbench, record.id)
        record = workbench.runs.resume(actor=actor(), run_id=record.id)
        raise typer.Exit(follow_to_end(workbench, record, as_json, cursor))


@app.command("diagnose")
def diagnose(run: RunReference, as_json: AsJson = False) -> None:
    """Compute the diagnostics of a run that has ended without them, and its summary and report; nothing is trained."""
    with opened() as workbench:
        record = find_run(workbench, run)
        say(f"Computing the diagnostics of run #{record.number}.")
        diagnosing.in_process(workbench, record.id)
        record = workbench.state().runs[record.id]
        if as_json:
            print_json(run_values(workbench, record))
            return
        print_pairs([("Result", headline(record, told=told_of(workbench, record))), ("Folder", workbench.runs.where(record.id))])


@app.command("events")
def events(
    run: RunReference,
    after: Annotated[int, typer.Option(min=0, help="Only events after this cursor.")] = 0,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more until the run has ended.")] = False,
) -> None:
    """Print a run's events, one JSON document a line."""
    with opened() as workbench:
        record = find_run(workbench, run)
        if follow:
            workbench.runs.keep_watch()
            found = workbench.runs.follow(record.id, after)
        else:
            found = _read(workbench, record.id, after)
        for event in found:
            sys.stdout.write(json.dumps(dataclasses.asdict(event), ensure_ascii=False) + "\n")
            sys.stdout.flush()


def _read(workbench: Workbench, run_id: str, after: int) -> Iterator[StoredEvent]:
    """The events that are there now."""
    while page := workbench.runs.events(run_id, after).items:
        yield from page
        after = page[-1].seq


def _cursor(workbench: Workbench, run_id: str) -> int:
    """The cursor after which everything is new."""
    cursor = 0
    for event in _read(workbench, run_id, 0):
        cursor = event.seq
    return cursor
