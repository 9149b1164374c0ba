"""`trellis label-curve`: accuracy against the number of labels, for several ways to choose them."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rcmvae.label_curve import CurveError, CurveProgress, CurveResult, CurveSettings, configuration_of
from workbench.cli.in_process import prepare_framework
from workbench.cli.opening import find_dataset, find_model, opened
from workbench.cli.output import INTERRUPTED, AsJson, console, error_console, print_json, print_table, say
from workbench.families import family


def label_curve(
    out: Annotated[Path, typer.Option(help="Folder for table and figure; one with an unfinished curve goes on.")],
    data: Annotated[
        str | None, typer.Option(help="The dataset, whose true labels are the oracle's; digits without, or the model's.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="What to train; semi_supervised_digits without, or the model's configuration.")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="A model by id, number or name: its configuration is trained, on its images, from its first labels on."),
    ] = None,
    strategies: Annotated[str, typer.Option(help="Names with commas between them.")] = "random,margin,k_center",
    start: Annotated[
        int | None,
        typer.Option(
            help="Labels of the first round, the same for all strategies of a seed; 20 without, or as many as the model began with."
        ),
    ] = None,
    step: Annotated[int, typer.Option(help="Labels added a round.")] = 20,
    budget: Annotated[int | None, typer.Option(help="Labels of the last round; nine steps after the first without.")] = None,
    seeds: Annotated[int, typer.Option(help="Label draws.")] = 5,
    epochs: Annotated[int | None, typer.Option(help="Epochs of every round; those of what is trained without.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Train every round from scratch, not from the weights before.")] = False,
    diverse: Annotated[bool, typer.Option(help="Spread batches over the latent space, or take the best scores as they are.")] = True,
    samples: Annotated[int | None, typer.Option(help="Images a seed draws from the dataset; the preset's number without.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rounds of training and labelling by an oracle, for each strategy and seed. Ctrl+C keeps the rounds that are done."""
    names = tuple(name.strip() for name in strategies.split(",") if name.strip())
    with opened() as workbench:
        trained = None if model is None else find_model(workbench, model)
        if trained is not None and (data is not None or preset is not None):
            raise CurveError("A model has its own data and configuration; name either a model, or data and a preset.", "model")
        record = find_dataset(workbench, data or "digits" if trained is None else workbench.state().dataset_of(trained) or "")
        declared = family(record.family)
        run = declared.abilities.get("label_curve")
        if run is None:
            raise CurveError(f"Models of the family {declared.name} have no label curve.", "data")
        prepare_framework(declared, workbench.settings)
        dataset = workbench.datasets.load(record.id)
    configuration = None if trained is None else configuration_of(trained)
    if start is None:
        start = 20 if configuration is None or not configuration.given else configuration.given
    asked = CurveSettings(
        record.id, None if configuration else preset or "semi_supervised_digits", names, start, step, start + 9 * step if budget is None else budget,
        seeds, epochs, fresh, diverse, samples, configuration,
    )  # fmt: skip
    try:
        with _shown(quiet=as_json) as report:
            result: CurveResult = run.load()(asked, dataset, out.absolute(), report)
    except KeyboardInterrupt:
        say(f"Interrupted. The rounds that are done are kept in {out}; the same command goes on.")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json({
            "rows": [dataclasses.asdict(row) for row in result.rows], "reached": [dataclasses.asdict(found) for found in result.reached],
            "table": str(result.table), "figure": str(result.figure), "ended": result.ended,
        })  # fmt: skip
        return
    _show(result)


def _show(result: CurveResult) -> None:
    # in order of rounds, so that the last one of each stays
    ends = list({(row.strategy, row.seed): row for row in result.rows}.values())
    print_table(
        ("Strategy", "Seed", "Labels", "Test accuracy"),
        [(row.strategy, str(row.seed), str(row.labels), f"{100 * row.accuracy:.1f} %") for row in ends],
        "No round was asked for.",
    )
    for found in result.reached:
        console().print(found.sentence + ".", soft_wrap=True)
    if result.ended:
        console().print(result.ended + ".", soft_wrap=True)
    say(f"Table: {result.table}")
    say(f"Figure: {result.figure}")


@contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[CurveProgress], None]]:
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    disable = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=error_console(), disable=disable, transient=True) as progress:
        task = progress.add_task("loading", total=None)
        yield lambda now: progress.update(task, description=now.words, completed=now.done + now.fraction, total=now.total)
