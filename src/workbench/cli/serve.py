"""`trellis serve`: the pages and the REST interface on one port."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.output import FAILED, say_error
from workbench.families import ImportString
from workbench.settings import Settings

SERVE = ImportString("dashboard.server:serve")
SERVE_ERROR = ImportString("dashboard.server:ServeError")
"""Found when they are needed: the core does not depend on the dashboard."""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; anything but loopback needs users or TRELLIS_TOKEN.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="Web processes that answer requests; more than one needs trellis[team].")
    ] = None,
) -> None:
    """Serve Trellis until Ctrl+C; runs go on without it."""
    settings = Settings.load(host=host, port=port, processes=processes)
    try:
        SERVE.load()(settings)
    except SERVE_ERROR.load() as error:
        say_error(error)
        raise typer.Exit(FAILED) from error
