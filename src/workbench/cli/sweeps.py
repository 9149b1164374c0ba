"""`trellis sweeps`: list, show, stop and resume sweeps, and take over what they found."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.cli.opening import actor, opened
from workbench.cli.output import AsJson, print_json, print_pairs, print_table, say
from workbench.cli.words import duration
from workbench.commands.base import CommandError
from workbench.commands.rules import id_of, title
from workbench.sweeps.records import KIND, SweepRecord, best_trial, sweeps_of
from workbench.sweeps.rows import TrialRow, labels_of, objective_text, objective_title, rows_of, standing, value_text
from workbench.workbench import Workbench

app = typer.Typer(help="List sweeps, show, stop and resume one, use its best settings.", invoke_without_command=True)

SweepReference = Annotated[str, typer.Argument(metavar="SWEEP", help="The sweep's id, number or name.")]


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List sweeps, newest first."""
    if context.invoked_subcommand is None:
        list_sweeps(as_json)


@app.command("list")
def list_sweeps(as_json: AsJson = False) -> None:
    """List sweeps, newest first."""
    with opened() as workbench:
        state = workbench.state()
        found = sweeps_of(state)
        if as_json:
            print_json([values_of(workbench, sweep) for sweep in found])
            return
        rows = [(f"#{s.number}", s.id, s.name, s.state, standing(rows_of(state, s), s), _best(workbench, s)) for s in found]
    print_table(
        ("No.", "Id", "Name", "State", "Trials", "Best"),
        rows,
        "No sweeps yet. `trellis sweep --model NAME --set PATH=LOW..HIGH` starts one.",
    )


@app.command("show")
def show(sweep: SweepReference, as_json: AsJson = False) -> None:
    """Show a sweep and its trials."""
    with opened() as workbench:
        record = find_sweep(workbench, sweep)
        if as_json:
            print_json(values_of(workbench, record))
            return
        rows, labels = rows_of(workbench.state(), record), labels_of(record)
        print_pairs(pairs_of(workbench, record))
    told = any(row.why for row in rows)
    columns = ("Trial", "State", objective_title(record), *labels.values(), "Run", "Time", *(["Why"] if told else []))
    print_table(columns, [(*_cells(record, row), *([row.why] if told else [])) for row in rows], "No trials yet.")


@app.command("stop")
def stop(sweep: SweepReference, as_json: AsJson = False) -> None:
    """Begin no further trial and stop those that run."""
    with opened() as workbench:
        _say(workbench, workbench.sweeps.stop(actor=actor(), sweep_id=find_sweep(workbench, sweep).id), as_json)


@app.command("resume")
def resume(
    sweep: SweepReference,
    trials: Annotated[int | None, typer.Option(min=1, max=1000, help="Search on until there are so many trials.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it to a server that runs, instead of following it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a sweep and follow it. Ctrl+C stops it."""
    from workbench.cli.sweep import follow_sweep

    with opened() as workbench:
        record = workbench.sweeps.resume(actor=actor(), sweep_id=find_sweep(workbench, sweep).id, trials=trials)
        if detach:
            _say(workbench, record, as_json)
            return
        raise typer.Exit(follow_sweep(workbench, record, as_json=as_json))


@app.command("rename")
def rename(sweep: SweepReference, name: Annotated[str, typer.Argument(help="Its new name.")], as_json: AsJson = False) -> None:
    """Give a sweep another name."""
    with opened() as workbench:
        _say(workbench, workbench.sweeps.rename(actor=actor(), sweep_id=find_sweep(workbench, sweep).id, name=name), as_json)


@app.command("delete")
def delete(sweep: SweepReference) -> None:
    """Delete a sweep that does not run; its runs stay. `trellis sweeps restore` brings it back."""
    with opened() as workbench:
        gone = workbench.sweeps.delete(actor=actor(), sweep_id=find_sweep(workbench, sweep).id)
        say(f"Deleted {gone.name}. `trellis sweeps restore {gone.number}` brings it back.")


@app.command("restore")
def restore(sweep: SweepReference, as_json: AsJson = False) -> None:
    """Bring a deleted sweep back."""
    with opened() as workbench:
        _say(workbench, workbench.sweeps.restore(actor=actor(), sweep_id=id_of(workbench.state(), KIND, sweep)), as_json)


@app.command("use-best")
def use_best(sweep: SweepReference, as_json: AsJson = False) -> None:
    """Give the model the settings of the best trial."""
    with opened() as workbench:
        record = find_sweep(workbench, sweep)
        updated = workbench.sweeps.use_best(actor=actor(), sweep_id=record.id)
        if as_json:
            print_json({"model_id": updated.record.id, "changed": list(updated.changed), "reset": list(updated.reset)})
            return
        changed = ", ".join(updated.changed) or "nothing, as it has them already"
        say(f"{updated.record.name} now has the settings of the best trial: changed {changed}.")


def find_sweep(workbench: Workbench, reference: str) -> SweepRecord:
    """A sweep by id, number (`12` or `#12`) or exact name. Raises CommandError not_found."""
    named = next((sweep for sweep in sweeps_of(workbench.state()) if sweep.name == reference), None)
    try:
        return named or workbench.sweeps.get(id_of(workbench.state(), KIND, reference))
    except CommandError as error:
        raise CommandError(error.message, "sweep", "See `trellis sweeps` for the ids.", code=error.code) from error


def pairs_of(workbench: Workbench, sweep: SweepRecord) -> list[tuple[str, str]]:
    """A sweep in words."""
    state = workbench.state()
    model = state.models[sweep.model_id]
    pairs = [
        ("Sweep", f"{sweep.name} (#{sweep.number}, {sweep.id})"), ("Model", title(model)), ("State", sweep.state),
        ("Trials", standing(rows_of(state, sweep), sweep)), ("Objective", objective_title(sweep)),
        ("Searches", "; ".join(parameter.text for parameter in sweep.space)), ("By", f"{sweep.sampler}, pruner {sweep.pruner}, seed {sweep.seed}"),
        ("Best", _best(workbench, sweep) or "–"),
    ]  # fmt: skip
    best = best_trial(state, sweep)
    if best is not None and best.trial is not None:
        pairs.append(("Best settings", ", ".join(f"{path}={value_text(value)}" for path, value in best.trial.values.items())))
    return pairs + ([("Why", sweep.reason)] if sweep.reason else [])


def values_of(workbench: Workbench, sweep: SweepRecord) -> dict[str, Any]:
    """A sweep and its trials as JSON values."""
    rows = rows_of(workbench.state(), sweep)
    return {**sweep.model_dump(mode="json"), "trials_begun": [vars(row) for row in rows]}


def _best(workbench: Workbench, sweep: SweepRecord) -> str:
    best = best_trial(workbench.state(), sweep)
    return "" if best is None or best.trial is None else f"{objective_text(sweep, best.trial.value)} (trial {best.trial.number})"


def _cells(sweep: SweepRecord, row: TrialRow) -> tuple[str, ...]:
    values = (value_text(row.values[parameter.path]) if parameter.path in row.values else "" for parameter in sweep.space)
    run = f"#{row.run_number}{' (deleted)' if row.deleted else ''}" if row.run_number is not None else ""
    return (
        f"{row.number}{' (best)' if row.best else ''}",
        row.state,
        objective_text(sweep, row.value),
        *values,
        run,
        duration(row.seconds),
    )


def _say(workbench: Workbench, sweep: SweepRecord, as_json: bool) -> None:
    if as_json:
        print_json(values_of(workbench, sweep))
    else:
        print_pairs(pairs_of(workbench, sweep))
