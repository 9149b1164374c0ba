"""Starting an idle worker ahead of need, on pages on which a run may soon start."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dash import MATCH, Dash, Input, Output, ctx, dcc, no_update
from dash.development.base_component import Component

from dashboard.acting import may, needs
from dashboard.context import current
from workbench.families import all_families
from workbench.runs.frameworks import first_framework
from workbench.runs.starting import ExecutorError

if TYPE_CHECKING:
    from workbench.workbench import Workbench

_KIND = "warm-up"


def warm_up(framework: str) -> Component:
    """Put this on a page on which a run may soon start: a worker of its framework gets ready once the page is drawn."""
    return dcc.Interval(id={"type": _KIND, "framework": framework}, interval=200, max_intervals=1)


def warm_first() -> list[Component]:
    """The same for the family that a first visit tries, where there is one."""
    framework = first_framework()
    return [warm_up(framework)] if framework is not None else []


def register(app: Dash) -> None:
    """Once an app: what `warm_up()` triggers."""

    @app.callback(
        Output({"type": _KIND, "framework": MATCH}, "disabled"),
        Input({"type": _KIND, "framework": MATCH}, "n_intervals"),
        prevent_initial_call=True,
    )
    @needs("read")
    def warm(_n: int | None) -> object:
        asked: Any = ctx.triggered_id
        if may("train"):
            warm_worker(current().workbench, asked["framework"])
        return no_update


def warm_worker(workbench: Workbench, framework: str | None) -> None:
    """Have an idle worker get ready. That it cannot is said where a run waits for one, not here.

    A framework of no registered family, which only a forged request names, starts nothing.
    """
    if framework not in {family.framework for family in all_families()}:
        return
    with suppress(ExecutorError):
        workbench.runs.warm(framework)
