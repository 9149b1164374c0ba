"""The few callbacks of the live part, which change something seldom.

A page looks on its own (`assets/live.js`): once a second while its run goes on, and whenever something else may have
changed. The answer says what has changed since (`dashboard.live.look`), and the page writes that alone. It goes past
Dash's callbacks, of which each costs a browser a question to every component of the page; those listen to `live-phase`,
which changes when a run starts, is asked to stop or ends.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard.acting import needs
from dashboard.components import read_action
from dashboard.live.panel import MOST_OVERLAID


def register(app: Dash) -> None:
    """Add the live part's callbacks."""
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
