"""`trellis data`: list datasets, import one, show and delete one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from workbench.cli.opening import actor, find_dataset, opened
from workbench.cli.output import AsJson, error_console, print_json, print_pairs, print_table, say
from workbench.commands.datasets import users_of
from workbench.datasets import DatasetError, ImportOptions, ImportProgress, parse_size
from workbench.families import is_imported
from workbench.state import AppState, DatasetRecord
from workbench.workbench import Workbench

app = typer.Typer(help="List datasets, import one, show and delete one.", invoke_without_command=True)

DatasetReference = Annotated[str, typer.Argument(metavar="ID", help="The dataset's id or name.")]


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List datasets."""
    if context.invoked_subcommand is None:
        list_datasets(as_json)


@app.command("list")
def list_datasets(as_json: AsJson = False) -> None:
    """List datasets, built-in ones first."""
    with opened() as workbench:
        state = workbench.state()
        live = [d for d in state.datasets.values() if d.deleted_at is None]
        found = [_values(workbench, state, d) for d in sorted(live, key=lambda d: (is_imported(d), d.name.casefold()))]
    if as_json:
        print_json(found)
        return
    rows = [(d["id"], d["name"], f"{d['n']:,}", _shape(d["shape"]), str(len(d["class_names"])), d["status"]) for d in found]
    print_table(("Id", "Name", "Images", "Shape", "Classes", "State"), rows, "No datasets.")


@app.command("import")
def import_data(
    path: Annotated[Path, typer.Argument(help="An .npz file with images (and labels, names), or a folder of PNG and JPEG pictures.")],
    name: Annotated[str, typer.Option(help="What the dataset is called; its id is made from it.")],
    size: Annotated[
        str | None, typer.Option(metavar="HxW", help="Pixels that pictures are fitted to, such as 28x28; the aspect is kept.")
    ] = None,
    skip_broken: Annotated[bool, typer.Option("--skip-broken", help="Leave out pictures that cannot be read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a dataset of your own images: a folder for each class, pictures without classes, or an .npz file."""
    try:
        options = ImportOptions(parse_size(size) if size is not None else None, skip_broken)
    except DatasetError as error:
        raise typer.BadParameter(str(error)) from error
    with opened() as workbench:
        with _progress(as_json) as told:
            record, skipped = workbench.datasets.import_data(actor=actor(), path=path, name=name, options=options, progress=told)
        values = _values(workbench, workbench.state(), record)
    if as_json:
        print_json({**values, "skipped": list(skipped)})
        return
    for line in skipped:
        say(f"Skipped {line}.")
    say(f"Imported {record.name} as {record.id}: {values['description']}")


@app.command("show")
def show(dataset: DatasetReference, as_json: AsJson = False) -> None:
    """Show one dataset: what it is made of, and the models on it."""
    with opened() as workbench:
        values = _values(workbench, workbench.state(), find_dataset(workbench, dataset))
    if as_json:
        print_json(values)
        return
    pairs = [
        ("Name", values["name"]),
        ("Id", values["id"]),
        ("State", values["status"]),
        ("What", values["description"]),
        ("Images", f"{values['n']:,}, {values['n_test']:,} of them for testing"),
        ("Shape", _shape(values["shape"])),
        ("Classes", ", ".join(values["class_names"]) or "none"),
        ("Content", values["content_sha256"] or "not read yet"),
        ("Models", ", ".join(values["models"]) or "none"),
    ]
    if values["problem"]:
        pairs.append(("Problem", values["problem"]))
    print_pairs([*pairs, ("Notes", values["notes"])] if values["notes"] else pairs)


@app.command("delete")
def delete(dataset: DatasetReference, as_json: AsJson = False) -> None:
    """Delete a dataset; refused while models use it."""
    with opened() as workbench:
        record = workbench.datasets.delete(actor=actor(), dataset_id=find_dataset(workbench, dataset).id)
    if as_json:
        print_json({"id": record.id, "deleted_at": record.deleted_at})
    else:
        say(f"Deleted {record.name}. `trellis data restore {record.id}` brings it back.")


@app.command("restore")
def restore(dataset: DatasetReference, as_json: AsJson = False) -> None:
    """Bring a deleted dataset back."""
    with opened() as workbench:
        record = workbench.datasets.restore(actor=actor(), dataset_id=find_dataset(workbench, dataset, deleted=True).id)
        values = _values(workbench, workbench.state(), record)
    if as_json:
        print_json(values)
    else:
        say(f"{record.name} is back.")


def _values(workbench: Workbench, state: AppState, record: DatasetRecord) -> dict[str, Any]:
    """A dataset as JSON values; what was not read yet is told from the catalogue."""
    source, facts = workbench.datasets.source(record.id), workbench.datasets.facts(record.id)
    return {
        "id": record.id, "name": record.name, "family": record.family, "source": record.source, "description": source.description,
        "status": "available" if record.status == "preparing" else record.status, "n": facts.n, "n_test": facts.n_test,
        "shape": list(facts.shape), "class_names": list(facts.class_names),
        "content_sha256": record.manifest.content_sha256 if record.manifest else None,
        "models": users_of(state, record.id), "problem": record.error or workbench.datasets.problem(record.id), "notes": record.notes,
    }  # fmt: skip


def _shape(shape: list[int]) -> str:
    return "x".join(map(str, shape))


@contextmanager
def _progress(quiet: bool) -> Iterator[ImportProgress]:
    """A bar for pictures read, with the time left; only on a terminal."""
    columns = (TextColumn("reading pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error_console(), disable=quiet or not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
