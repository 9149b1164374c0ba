"""Making a file of a model: a job with progress, at whose end the browser fetches it."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, urlencode

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard.acting import needs
from dashboard.background import job_cancelled
from dashboard.components import notify_error, read_action
from dashboard.context import current
from dashboard.failures import in_words
from dashboard.pages.model.export.layout import ACTION
from workbench.apart import Cancelled
from workbench.services import exports

WORDS = "Making the file. This page may be left meanwhile."


def register(app: Dash) -> None:
    """Add the callbacks of the tab."""

    @app.callback(
        Output("export-ask", "data"),
        Input(ACTION, "data"),
        State("export-of", "data"),
        State("export-part", "value"),
        prevent_initial_call=True,
    )
    @needs("read")
    def ask(data: Any, model_id: str | None, part: str | None) -> Any:
        action = read_action(data)
        if action is None or action.name != "make" or not model_id:
            return no_update
        return {"model": model_id, "name": action.id, "part": part or "", "key": secrets.token_hex(8)}

    @app.callback(
        Output({"type": "export-size", "name": ALL}, "children"), Input("export-part", "value"),
        State({"type": "export-size", "name": ALL}, "id"), State("export-of", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def resize(part: str | None, ids: list[dict[str, str]], model_id: str) -> list[str]:
        return [exports.size_words(exports.offer(current().workbench, model_id, id["name"], part or "").size) for id in ids]

    @app.callback(
        Output("export-made", "data"), Input("export-ask", "data"), background=True, interval=300,
        progress=[Output("export-progress", "value"), Output("export-progress", "max")],
        running=[
            (Output("export-words", "children"), WORDS, ""), (Output("export-progress", "className"), "", "d-none"),
            (Output("export-cancel", "disabled"), False, True),
        ],
        cancel=[Input("export-cancel", "n_clicks")], prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def make(set_progress: Any, asked: dict[str, str] | None) -> Any:
        if asked is None:
            return None
        workbench = current().workbench
        try:
            part = part_of(workbench, asked)
            exports.make_beside(
                workbench, asked["model"], asked["name"], part, progress=lambda done, total: set_progress((str(done), str(total))),
                cancelled=job_cancelled,
            )  # fmt: skip
        except Cancelled:
            return None
        except Exception as error:
            notify_error(*in_words(error))
            return None
        return {"href": address(asked["model"], asked["name"], part), "key": asked["key"]}

    app.clientside_callback(ClientsideFunction("trellis", "export_made"), Output("export-made", "clear_data"), Input("export-made", "data"))


def part_of(workbench: Any, asked: dict[str, str]) -> str:
    """The part asked for, if the export has parts: the page has one choice for all that do."""
    has_parts = exports.offer(workbench, asked["model"], asked["name"]).export.parts
    return asked["part"] if has_parts else ""


def address(model_id: str, name: str, part: str) -> str:
    """Where the file is fetched."""
    return f"/api/models/{quote(model_id)}/exports/{quote(name)}{'?' + urlencode({'part': part}) if part else ''}"
