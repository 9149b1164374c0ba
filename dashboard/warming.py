"""Starting an idle worker ahead of need, on pages on which a run may soon start."""

from __future__ import annotations

from dash import Dash, Input, Output, dcc, no_update
from dash.development.base_component import Component

from dashboard.context import current

_ID = "warm-up"


def warm_up() -> Component:
    """Put this on a page on which a run may soon start: a worker gets ready once the page is drawn."""
    return dcc.Interval(id=_ID, interval=200, max_intervals=1)


def register(app: Dash) -> None:
    """Once an app: what `warm_up()` triggers."""

    @app.callback(Output(_ID, "disabled"), Input(_ID, "n_intervals"), prevent_initial_call=True)
    def warm(_n: int | None) -> object:
        current().workbench.runs.warm()
        return no_update
