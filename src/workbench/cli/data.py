"""`trellis data`: list, look at, import, create, rename, delete and restore datasets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperCommand

from workbench.cli.field_options import field_options, given_fields
from workbench.cli.opening import actor, find_dataset, opened
from workbench.cli.output import AsJson, error_console, print_json, print_pairs, print_table, say
from workbench.commands.datasets import models_on
from workbench.datasets import ImportProgress
from workbench.families import all_families, columns_of, is_built_in, settings_of
from workbench.fields import ConfigModel, FieldSpec, field_specs
from workbench.looks import Look
from workbench.services.imports import readers_of
from workbench.state import AppState, DatasetRecord
from workbench.workbench import Workbench

app = typer.Typer(help="List, look at, import, create, rename, delete and restore datasets.", invoke_without_command=True)

DatasetReference = Annotated[str, typer.Argument(metavar="ID", help="The dataset's id or name.")]


class ImportCommand(TyperCommand):
    """`trellis data import`, with an option for every option of the families' readers."""

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *_options_of("options")]

    def get_help(self, ctx: Any) -> str:
        self.help = f"Make a dataset of your own data.\n\n{_what_is_read()}"
        return super().get_help(ctx)


class AmendCommand(TyperCommand):
    """`trellis data amend`, with an option for everything that a family lets be said otherwise."""

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *_options_of("amendments")]


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
        live.sort(key=lambda d: (not is_built_in(d), d.name.casefold()))
        found = [_values(workbench, state, d) for d in live]
    if as_json:
        print_json(found)
        return
    several = len({values["family"] for values in found}) > 1
    columns = columns_of({values["family"] for values in found})
    titles = ("Id", "Name", *(["Family"] if several else []), *(column.label for column in columns), "State")
    rows = [
        (
            d["id"],
            d["name"],
            *([d["family"]] if several else []),
            *(column.shown(d) for column in columns),
            _state(d["status"]),
        )
        for d in found
    ]
    print_table(titles, rows, "No datasets.")


@app.command("import", cls=ImportCommand)
def import_data(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A file or folder that a family reads; what each reads stands above.")],
    name: Annotated[str, typer.Option(help="What the dataset is called; its id is made from it.")],
    family: Annotated[
        str | None, typer.Option(help="Whose data it is; if not given, the first family that reads such a file or folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a dataset of your own data."""
    options = given_fields(context)
    known = readers_of(family, path)[1].options
    with opened() as workbench:
        with _progress(as_json) as told:
            made = workbench.datasets.import_data(
                actor=actor(), path=path, name=name, family=family, options=options if known or options else None, progress=told
            )
        values = _values(workbench, workbench.state(), made.record)
    if as_json:
        print_json({**values, "skipped": list(made.skipped), "notices": list(made.notices)})
        return
    for line in made.skipped:
        say(f"Skipped {line}.")
    for line in made.notices:
        say(line)
    say(f"Imported {made.record.name} as {made.record.id}: {values['description']}")


@app.command("create")
def create(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A source of data that has settings.")],
    name: Annotated[str | None, typer.Option(help="What the dataset is called; after its source if not given.")] = None,
    given: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of the source.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a dataset of a source with settings, such as a simulator."""
    params: dict[str, Any] = {}
    for pair in given or []:
        key, found, value = pair.partition("=")
        if not found:
            raise typer.BadParameter(f"{pair[:80]!r} is no setting. Give it as key=value.")
        params[key.strip()] = value
    with opened() as workbench:
        record = workbench.datasets.create(actor=actor(), source=source, name=name, params=params)
        values = _values(workbench, workbench.state(), record)
    if as_json:
        print_json(values)
    else:
        say(f"Created {record.name} as {record.id}: {values['description']}")


@app.command("show")
def show(dataset: DatasetReference, as_json: AsJson = False) -> None:
    """Show one dataset: what it is made of, and the models on it."""
    with opened() as workbench:
        record = find_dataset(workbench, dataset)
        values, tables = _values(workbench, workbench.state(), record), workbench.datasets.tables(record)
    if as_json:
        print_json(values)
        return
    pairs = [
        ("Name", values["name"]),
        ("Id", values["id"]),
        ("State", _state(values["status"])),
        ("What", values["description"]),
    ]
    pairs += [(column.label, column.shown(values, whole=True)) for column in columns_of({values["family"]})]
    pairs += settings_of(record)
    pairs += [
        ("Content", values["content_sha256"] or "not read yet"),
        ("Models", ", ".join(values["models"]) or "none"),
        *([("Problem", values["problem"])] if values["problem"] else []),
        *([("Notes", values["notes"])] if values["notes"] else []),
    ]
    print_pairs(pairs)
    for table in tables:
        print_table(table.columns, [tuple(map(str, row)) for row in table.rows], "Nothing.")


@app.command("preview")
def preview(dataset: DatasetReference, as_json: AsJson = False) -> None:
    """Say what some of the data looks like."""
    with opened() as workbench:
        look = workbench.datasets.preview(find_dataset(workbench, dataset).id)
    _print_look(look, as_json)


@app.command("stats")
def statistics(dataset: DatasetReference, as_json: AsJson = False) -> None:
    """Say what the data amounts to."""
    with opened() as workbench:
        look = workbench.datasets.statistics(find_dataset(workbench, dataset).id)
    _print_look(look, as_json)


@app.command("rename")
def rename(dataset: DatasetReference, name: Annotated[str, typer.Argument(help="Its new name.")], as_json: AsJson = False) -> None:
    """Give a dataset another name; its id stays."""
    with opened() as workbench:
        record = workbench.datasets.update(actor=actor(), dataset_id=find_dataset(workbench, dataset).id, name=name)
        values = _values(workbench, workbench.state(), record)
    if as_json:
        print_json(values)
    else:
        say(f"{record.id} is called {record.name} now.")


@app.command("amend", cls=AmendCommand)
def amend(context: typer.Context, dataset: DatasetReference, as_json: AsJson = False) -> None:
    """Say otherwise what data of your own stands for, such as what a table's columns are, while nothing uses it yet."""
    amendments = given_fields(context)
    if not amendments:
        raise typer.BadParameter("Nothing to amend was given. See `trellis data amend --help`.")
    with opened() as workbench:
        record = workbench.datasets.amend(actor=actor(), dataset_id=find_dataset(workbench, dataset).id, amendments=amendments)
        values = _values(workbench, workbench.state(), record)
    if as_json:
        print_json(values)
    else:
        say(f"Amended {record.name}: {values['description']}")


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


def _what_is_read() -> str:
    """What each family reads, a paragraph each."""
    lines = []
    for family in all_families():
        if readers := family.data.readers:
            kinds = "; ".join(
                f"{kind.title[:1].lower()}{kind.title[1:]} ({', '.join(kind.extensions) or 'a folder'})" for kind in readers.kinds
            )
            lines.append(f"{family.title}: {kinds}. {readers.words[:1].upper()}{readers.words[1:]}.")
    return "\n\n".join(lines)


def _options_of(which: Literal["options", "amendments"]) -> list[Any]:
    """An option for each field of the types of the readers' options, or of their amendments."""
    found: dict[str, tuple[FieldSpec, str]] = {}
    for family in all_families():
        kind: type[ConfigModel] | None = None if family.data.readers is None else getattr(family.data.readers, which)
        for spec in () if kind is None else field_specs(kind):
            found.setdefault(spec.name, (spec, f"{spec.meta.help} ({family.title})"))
    return field_options(found.values())


def _values(workbench: Workbench, state: AppState, record: DatasetRecord) -> dict[str, Any]:
    """A dataset as JSON values; what was not read yet is told from the catalogue."""
    source = workbench.datasets.source(record.id)
    return {
        "id": record.id, "name": record.name, "family": record.family, "source": record.source, "description": source.description,
        "status": workbench.datasets.status(record), **workbench.datasets.row(record),
        "params": record.params, "content_sha256": record.manifest.content_sha256 if record.manifest else None,
        "models": models_on(state, record.id), "problem": source.missing or record.error or workbench.datasets.problem(record.id), "notes": record.notes,
    }  # fmt: skip


def _state(status: str) -> str:
    return "file missing" if status == "missing" else status


def _print_look(look: Look, as_json: bool) -> None:
    if as_json:
        print_json(look.model_dump(mode="json"))
        return
    for line in look.words:
        say(line)
    if look.facts:
        print_pairs(list(look.facts))
    for table in look.tables:
        print_table(table.columns, [tuple(map(str, row)) for row in table.rows], "Nothing.")
    for counts in look.counts if not look.tables else ():
        print_table((counts.title, ""), [(name, f"{n:,}") for name, n in counts.items], "Nothing.")
    if look.pictures:
        print_table(("Picture", "What it shows"), [(str(n), p.name) for n, p in enumerate(look.pictures, 1)], "Nothing.")
    for line in look.notices:
        say(line)


@contextmanager
def _progress(quiet: bool) -> Iterator[ImportProgress]:
    """A bar for what was read, with the time left; only on a terminal."""
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error_console(), disable=quiet or not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
