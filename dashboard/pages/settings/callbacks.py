"""The Settings page: saving the display name, and a test of notifications."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard.acting import needs, person
from dashboard.components import notify
from dashboard.context import actor, current
from dashboard.names import choose_name
from dashboard.pages.settings import people_callbacks
from dashboard.pages.settings.ways import test_said


def register(app: Dash) -> None:
    """Add the page's callbacks."""
    people_callbacks.register(app)

    @app.callback(
        Output("settings-name", "value"), Input("settings-name-save", "n_clicks"), Input("settings-name", "n_submit"), State("settings-name", "value"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def save(clicks: int | None, submitted: int | None, name: str | None) -> Any:
        if not (clicks or submitted):
            return no_update
        who = person()
        if who is not None:
            kept = current().workbench.people.call_oneself(who.id, name or "").display_name
        else:
            kept = choose_name(current().settings.home, actor(), name or "")
        notify(f"You are {kept} from now on." if kept else "Your display name was taken away.")
        return kept

    @app.callback(Output("settings-notify-said", "children"), Input("settings-notify-test", "n_clicks"), prevent_initial_call=True)
    @needs("administer")
    def test(clicks: int | None) -> Any:
        if not clicks:
            return no_update
        # loaded when somebody asks: mail and sockets are of no use to a page
        from workbench.notifying.ways import send_test

        return test_said(send_test(current().settings))
