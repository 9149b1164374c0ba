"""Starting an idle worker ahead of need, on pages on which a run may soon start."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from dash import Dash, Input, Output, dcc, no_update
from dash.development.base_component import Component

from dashboard.context import current
from workbench.runs.executor import ExecutorError

if TYPE_CHECKING:
    from workbench.workbench import Workbench

_ID = "warm-up"


def warm_up() -> Component:
    """Put this on a page on which a run may soon start: a worker gets ready once the page is drawn."""
    return dcc.Interval(id=_ID, interval=200, max_intervals=1)


def register(app: Dash) -> None:
    """Once an app: what `warm_up()` triggers."""

    @app.callback(Output(_ID, "disabled"), Input(_ID, "n_intervals"), prevent_initial_call=True)
    def warm(_n: int | None) -> object:
        warm_worker(current().workbench)
        return no_update


def warm_worker(workbench: Workbench) -> None:
    """Have an idle worker get ready. That it cannot is said where a run waits for one, not here."""
    with suppress(ExecutorError):
        workbench.runs.warm()
