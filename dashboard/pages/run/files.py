"""A run's files over HTTP: downloads, and its report in a sandbox of its own.

Nothing here is ever trusted: a report may hold what a person typed, so it is shown only inside a sandboxed frame with
its own policy, and everything else is sent as a download.
"""

from __future__ import annotations

from pathlib import Path

import flask
from dash import Dash

from dashboard.acting import needs
from dashboard.context import current
from workbench.artefacts import UnsafePath
from workbench.commands.base import CommandError
from workbench.ids import is_id
from workbench.state import Kind

PREFIX = "/run-files"
REPORT = "report.html"
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def address(run_id: str, name: str) -> str:
    """Where a run's file is served."""
    return f"{PREFIX}/{run_id}/{name}"


def register(app: Dash) -> None:
    """Serve the files of runs."""
    app.server.add_url_rule(f"{PREFIX}/<run_id>/<path:name>", "run_file", serve, methods=["GET"])


@needs("read")
def serve(run_id: str, name: str) -> flask.Response:
    """One file of a run: 404 for anything that is not plainly one."""
    path = path_of(run_id, name)
    if path is None:
        return flask.Response("There is no such file.", status=404, mimetype="text/plain")
    as_report = name == REPORT and "download" not in flask.request.args
    response = flask.send_file(path, as_attachment=not as_report, download_name=f"{run_id}-{path.name}", conditional=True, max_age=0)
    if as_report:
        response.headers["Content-Security-Policy"] = REPORT_POLICY
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    else:
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def path_of(run_id: str, name: str) -> Path | None:
    """The file on disk, if the id is a run's and the name lies plainly in its folder."""
    if not is_id(Kind.RUN, run_id):
        return None
    try:
        path = current().workbench.runs.artefact_path(run_id, name)
    except (CommandError, UnsafePath):
        return None
    return path if path.is_file() and not path.is_symlink() else None
