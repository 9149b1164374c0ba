"""`trellis store`: the database that everything is kept in."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from workbench.cli.output import AsJson, console, error_console, print_json
from workbench.settings import Settings
from workbench.store import copying
from workbench.store.engine import shown_address

app = typer.Typer(help="The database that everything but files is kept in.", no_args_is_help=True)


@app.command("copy")
def copy(
    into: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The empty database to copy into: postgresql://user@host/name or sqlite:///path.")
    ],
    source: Annotated[
        str | None, typer.Option("--from", help="The store to copy; by default that of TRELLIS_HOME or TRELLIS_DATABASE_URL.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy the store into another database, and compare both row by row. The artefacts stay where they are.

    Stop the server first: what is done there afterwards is not in the copy. Then set TRELLIS_DATABASE_URL to the new address.
    """
    address = source or Settings.load().database_url
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=error_console(), disable=as_json, transient=True
    ) as bar:
        tasks = {table.name: bar.add_task(table.name, total=None) for table in copying.COPIED}
        found = copying.copy_between(address, into, lambda name, done, total: bar.update(tasks[name], completed=done, total=total))
    if as_json:
        print_json([{"table": each.name, "rows": each.rows, "checksum": each.checksum} for each in found])
        return
    for each in found:
        console().print(Text(f"{each.name:<18} {each.rows:>10,} rows, equal"))
    console().print(Text(f"Copied. Use it with TRELLIS_DATABASE_URL={shown_address(into)}"), soft_wrap=True)
