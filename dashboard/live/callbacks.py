"""The live part at the server: the address that open pages ask, and the few callbacks that change seldom.

A page looks on its own (`assets/live.js`): once a second while its run goes on, and whenever something else may have
changed. The answer says what has changed since (`dashboard.live.look`), and the page writes that alone. It goes past
Dash's callbacks, of which each costs a browser a question to every component of the page; those listen to `live-phase`,
which changes when a run starts, is asked to stop or ends.
"""

from __future__ import annotations

import json
from typing import Any

import flask
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from plotly.io.json import to_json_plotly
from pydantic import ValidationError

from dashboard.acting import needs
from dashboard.components import read_action
from dashboard.context import current
from dashboard.live.look import Asked, look
from dashboard.live.panel import MOST_OVERLAID

ADDRESS = "/live-look"


def register(app: Dash) -> None:
    """Add the live part's address and callbacks."""
    app.server.add_url_rule(ADDRESS, "live_look", answer, methods=["POST"])
    app.clientside_callback(
        ClientsideFunction("trellis", "live_shown"), Output("live-nudge", "data"), Input("live-target", "data"), State("live-phase", "data"),
    )  # fmt: skip
    # The shell looks for active runs on its own: what it finds may be a run that somebody else started.
    app.clientside_callback(
        ClientsideFunction("trellis", "live_look"), Output("live-nudge", "data", allow_duplicate=True),
        Input("shell-seen", "data"), Input("live-asked", "data"), Input("launching", "data"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "live_view"), Output("live-action", "clear_data"),
        Input("live-smoothing", "value"), Input("live-log", "value"), Input("live-hidden", "value"), Input("live-overlay", "data"),
    )  # fmt: skip

    @app.callback(Output("live-overlay", "data"), Input("live-action", "data"), State("live-overlay", "data"), prevent_initial_call=True)
    @needs("read")
    def toggle_overlay(data: Any, overlay: list[str] | None) -> Any:
        action = read_action(data)
        if action is None or action.name != "overlay":
            return no_update
        kept = [id for id in overlay or [] if id != action.id]
        return kept if action.id in (overlay or []) else [*kept, action.id][-MOST_OVERLAID:]


@needs("read")
def answer() -> flask.Response:
    """One look: 400 for what no page of this server says."""
    try:
        asked = Asked.model_validate(flask.request.get_json(silent=True))
    except ValidationError as error:
        text = f"This is no look of this server's pages; if they are of an earlier version, reload them ({error.error_count()} faults)."
        refused = {"error": {"code": "invalid", "message": text, "fields": [], "hint": None}}
        return flask.Response(json.dumps(refused), 400, mimetype="application/json")
    return flask.Response(str(to_json_plotly(look(current().workbench, asked))), mimetype="application/json")
