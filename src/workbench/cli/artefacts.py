"""`trellis artefacts`: where files are kept: samples, checkpoints, reports, imported data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from workbench.artefacts import address, root_at
from workbench.artefacts.copying import copy_all
from workbench.cleaning.sizes import bytes_words
from workbench.cli.opening import opened
from workbench.cli.output import AsJson, console, error_console, print_json, say
from workbench.commands.base import CommandError
from workbench.settings import Settings

app = typer.Typer(help="Where files are kept: a folder or object storage.", no_args_is_help=True)


@app.command("copy")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The folder or address that they lie at: artefacts, s3://bucket/prefix.")],
    into: Annotated[str, typer.Argument(metavar="TO", help="The folder or address to copy them to.")],
    as_json: AsJson = False,
) -> None:
    """Copy all artefacts to another folder or to object storage, each compared by its checksum. A copy that broke off goes on where it was.

    Stop the server first: what is written afterwards is not in the copy. Then set TRELLIS_ARTEFACTS to the new place.
    """
    settings = Settings.load()
    places = _place(source, "FROM"), _place(into, "TO")
    _require_apart(*places)
    with opened(settings) as workbench:
        active = workbench.state().active_runs
        if active:
            numbers = ", ".join(f"#{run.number}" for run in active[:5])
            raise CommandError(f"Runs write files: {numbers}.", "FROM", "Wait for their end, or stop them, and copy then.", code="conflict")
    lying, there = (root_at(place, settings) for place in places)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error_console(), disable=as_json, transient=True) as bar:
        task = bar.add_task("Copying", total=None)
        done = copy_all(lying, there, lambda so_far, total: bar.update(task, completed=so_far, total=total))
    if as_json:
        print_json({"files": done.files, "bytes": done.bytes, "there": done.there, "others": list(done.others)})
        return
    console().print(
        Text(f"{done.files:,} files with {bytes_words(done.bytes)} are at {there.where}, equal; {done.there:,} were there before.")
    )
    if done.others:
        say(f"{len(done.others):,} other files lie there, too: {', '.join(done.others[:3])}.")
    console().print(Text(f"Use them with TRELLIS_ARTEFACTS={there.where}"), soft_wrap=True)


def _place(given: str, called: str) -> Path | str:
    try:
        found = address.parsed(given)
    except ValueError as error:
        raise CommandError(f"{address.shown(given)} {error}.", called) from error
    if isinstance(found, str):
        return found
    folder = found.expanduser().absolute()
    if called == "FROM" and not folder.is_dir():
        raise CommandError(f"{folder} is no folder.", called)
    return folder


def _require_apart(source: Path | str, into: Path | str) -> None:
    """Raise CommandError where one of them lies in the other."""
    paths = [Path("/", *str(place).split("/")) if isinstance(place, str) else place.resolve() for place in (source, into)]
    if isinstance(source, Path) == isinstance(into, Path) and (paths[0].is_relative_to(paths[1]) or paths[1].is_relative_to(paths[0])):
        raise CommandError(f"{into} is no other place than {source}.", "TO", "Name a place outside of it.")
