"""`trellis sweep`: search settings of a model, followed on the terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from typer.core import TyperCommand

from workbench.cli.field_options import field_options, given_fields
from workbench.cli.opening import actor, find_model, opened
from workbench.cli.output import FAILED, INTERRUPTED, AsJson, error_console, print_json, print_pairs, say
from workbench.cli.sweeps import pairs_of, values_of
from workbench.cli.train_files import say_untrained
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
from workbench.commands.rules import find_dataset
from workbench.fields import field_specs
from workbench.layered.resolved import ResolvedConfig
from workbench.services.layered import create_model, group_name, planned
from workbench.state import ModelRecord
from workbench.sweeps.records import SweepRecord
from workbench.sweeps.rows import objective_text, rows_of, standing, value_text
from workbench.sweeps.settings import SPACE_HELP, SweepSettings
from workbench.workbench import Workbench

LOOK_SECONDS = 0.5
"""How often it is looked how far a sweep is."""


class SweepCommand(TyperCommand):
    """`trellis sweep`, with an option for everything that may be asked of a sweep."""

    def get_params(self, ctx: Any) -> list[Any]:
        specs = [spec for spec in field_specs(SweepSettings) if spec.name != "space"]
        return [*super().get_params(ctx), *field_options((spec, spec.meta.help) for spec in specs)]


def sweep(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Make the model of these configuration files and search as their experiment.sweep says."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Search settings of this model: its id, number or name.")] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Make the model for this dataset, from --preset, and search its architecture too.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="The preset that a new model begins with.")] = None,
    set_values: Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUES", help=f"{SPACE_HELP} Repeat for several.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the sweep.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Start whatever is foreseen, such as that memory may not do.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it to a server that runs, instead of following it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search settings of a model. Ctrl+C stops the sweep; `trellis sweeps resume` goes on with it."""
    if sum(map(bool, (files, model, dataset or preset))) != 1:
        raise typer.BadParameter("give either configuration files, --model, or --dataset and --preset")
    asked: dict[str, Any] = given_fields(context)
    with opened() as workbench:
        made = None
        if files:
            config, asked = _planned(workbench, files, asked, set_values or [])
            record = made = create_model(workbench, config, actor=actor(), name=group_name(config))
        elif model is not None:
            record, asked = find_model(workbench, model), {**asked, "space": set_values or []}
        else:
            record = made = _created(workbench, dataset, preset)
            asked = {"architectures": True, **asked, "space": set_values or []}
        try:
            begun = workbench.sweeps.create(actor=actor(), model_id=record.id, settings=asked, name=name, confirmed=yes)
        except CommandError as error:
            if made is not None and isinstance(error, NeedsConfirmation):
                say_untrained([made], " --yes")
            elif made is not None:
                workbench.models.delete(actor=actor(), model_id=made.id)
            raise
        if not as_json:
            say(f"Sweep #{begun.number} ({begun.id}) of {record.name}")
        if detach:
            if as_json:
                print_json(values_of(workbench, begun))
            return
        raise typer.Exit(follow_sweep(workbench, begun, as_json=as_json))


def follow_sweep(workbench: Workbench, sweep: SweepRecord, *, as_json: bool) -> int:
    """Drive a sweep until it ends, say how it did, and return the exit code. Ctrl+C stops it, and so does SIGTERM."""
    interrupted = False
    try:
        workbench.keep_watch()
        _watch(workbench, sweep, quiet=as_json)
    except KeyboardInterrupt:
        interrupted = True
        if workbench.sweeps.get(sweep.id).state == "running":
            workbench.sweeps.stop(actor=actor(), sweep_id=sweep.id)
        say(f"Its trials go on stopping by themselves; `trellis sweeps resume {sweep.number}` goes on with the sweep.")
    ended = workbench.sweeps.get(sweep.id)
    if as_json:
        print_json(values_of(workbench, ended))
    else:
        print_pairs(pairs_of(workbench, ended))
    return INTERRUPTED if interrupted else FAILED if ended.state == "failed" else 0


def _watch(workbench: Workbench, sweep: SweepRecord, *, quiet: bool) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=error_console(), disable=quiet, transient=True) as progress:
        task = progress.add_task("starting", total=sweep.trials)
        said: set[int] = set()
        while True:
            now = workbench.sweeps.get(sweep.id)
            rows = rows_of(workbench.state(), now)
            for row in rows:
                if row.over and row.number not in said and not quiet:
                    said.add(row.number)
                    values = ", ".join(f"{path} {value_text(value)}" for path, value in row.values.items())
                    result = objective_text(now, row.value) if row.value is not None else row.why
                    progress.console.print(f"Trial {row.number}: {row.state}, {result} ({values})", soft_wrap=True, markup=False)
            progress.update(task, description=standing(rows, now), completed=sum(row.over for row in rows), total=now.trials)
            if now.state != "running":
                return
            time.sleep(LOOK_SECONDS)


def _planned(
    workbench: Workbench, files: list[str], options: Mapping[str, Any], searched: list[str]
) -> tuple[ResolvedConfig, dict[str, Any]]:
    """(the configuration of the files, what is asked of the sweep). Raises LayeredError, typer.BadParameter."""
    configs = planned(workbench, files, (), 1)
    if len(configs) > 1:
        raise typer.BadParameter("these files make several variants, and a sweep is about one model")
    (config,) = configs
    for warning in config.warnings:
        say(f"Note: {warning}")
    found = config["experiment.sweep"]
    kept = {} if found is None else dict(found)
    again = {text.partition("=")[0].strip() for text in searched}
    space = [text for text in kept.get("space", ()) if text.partition("=")[0].strip() not in again]
    return config, {**kept, **options, "space": [*space, *searched]}


def _created(workbench: Workbench, dataset: str | None, preset: str | None) -> ModelRecord:
    """A model to begin with. Raises CommandError."""
    family, kind, dataset_id = workbench.models.meant(None, None, dataset, preset)
    find_dataset(workbench.state(), dataset_id)
    return workbench.models.create(
        actor=actor(), family=family, model_type=kind, dataset_id=dataset_id, preset=preset, values={}, sample={}
    )
