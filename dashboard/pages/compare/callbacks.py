"""What the comparison of runs draws once the theme is known, and what its choices do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from dashboard import plots
from dashboard.acting import needs
from dashboard.context import current
from dashboard.later import Later
from dashboard.live.curves import Overlay
from dashboard.live.reader import feed_of
from dashboard.pages import saved_views
from dashboard.pages.page import query_of
from workbench.families import family
from workbench.services.comparison import compare, runs_of

if TYPE_CHECKING:
    from dashboard.pages.compare import figures, layout
    from workbench.workbench import Workbench
else:
    figures, layout = Later("dashboard.pages.compare.figures"), Later("dashboard.pages.compare.layout")

MENU = saved_views.Menu("compare", "compare", "the runs, what they are grouped by and the figure")
MOST_AXES = 8
"""Settings with an axis of their own; with more, none can be read."""
MOST_METRICS = 4
"""Metrics likewise."""


def register(app: Dash) -> None:
    """Add the page's callbacks."""
    saved_views.register(app, MENU, [("compare-ids", "data"), ("compare-shown", "data")], shown_now)

    app.clientside_callback(ClientsideFunction("trellis", "narrow_now"), Output("compare-narrow", "data"), Input("theme", "data"))

    @app.callback(
        Output("compare-curves", "children"), Input("compare-narrow", "data"), State("theme", "data"), State("compare-ids", "data")
    )
    @needs("read")
    def draw_curves(narrow: bool | None, theme: str | None, ids: list[str] | None) -> Any:
        if narrow is None or theme is None or not ids:
            return no_update
        return curves_part(current().workbench, ids, dark=theme == "dark", narrow=narrow)

    @app.callback(Output("compare-parallel", "children"), Input("theme", "data"), State("compare-ids", "data"))
    @needs("read")
    def draw_parallel(theme: str | None, ids: list[str] | None) -> Any:
        return no_update if theme is None or not ids else parallel_part(current().workbench, ids, dark=theme == "dark")

    @app.callback(
        Output("url", "search", allow_duplicate=True), Input("compare-group", "value"), State("compare-ids", "data"), State("url", "search"),
        State("compare-shown", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def choose_group(path: str | None, ids: list[str], search: str | None, shown: dict[str, str]) -> Any:
        path = path if path and path != layout.NOTHING else ""
        if shown["group"] == path:
            return no_update
        given = {"ids": ",".join(ids), "group": path, "figure": shown["figure"], "view": query_of(search).get("view", "")}
        return f"?{urlencode({name: value for name, value in given.items() if value or (name in ('group', 'figure') and given['view'])}, safe=',')}"

    @app.callback(
        Output("compare-figures", "children"), Output("compare-shown", "data"), Input("compare-figure", "value"), State("compare-ids", "data"),
        State("compare-shown", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def choose_figure(name: str | None, ids: list[str] | None, shown: dict[str, str]) -> Any:
        if not name or not ids:
            return no_update, no_update
        name = "" if name == layout.NOTHING else name
        return layout.figure_cards(current().workbench, runs_of(current().workbench, ids), name), {**shown, "figure": name}

    app.clientside_callback(
        ClientsideFunction("trellis", "figure_shown"), Output("compare-shown", "storage_type"), Input("compare-shown", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def curves_part(workbench: Workbench, ids: Sequence[str], *, dark: bool, narrow: bool = False) -> Any:
    """The curves of the runs, a panel after the other; `narrow`: for a screen as wide as a phone's."""
    runs = runs_of(workbench, ids)
    parts: list[Any] = []
    for name in dict.fromkeys(run.family for run in runs):
        declared, own = family(name), [run for run in runs if run.family == name]
        overlays = [Overlay(run.id, f"#{run.number}", feed_of(workbench, run.id)) for run in own]
        for panel, figure in figures.curves_of(declared.panels, overlays, declared.measures, dark=dark, narrow=narrow):
            id = {"type": "compare-curve", "name": f"{name}-{panel.name}"}
            parts.append(html.Div([html.H3(panel.title, className="mini-title"), plots.graph(figure, id, label=panel.description)]))
    return parts or html.P("None of these runs has reported an epoch.", className="muted")


def parallel_part(workbench: Workbench, ids: Sequence[str], *, dark: bool) -> Any:
    """The lines through the runs' settings and results."""
    found = compare(workbench, ids)
    metrics = [row for row in found.headlines if sum(value is not None for value in row.values) > 1]
    if not metrics:
        return html.P("Fewer than two of these runs have a result.", className="muted")
    names = [f"#{run.number}" for run in found.runs]
    figure = figures.parallel(found.differing[:MOST_AXES], metrics[:MOST_METRICS], names, dark=dark)
    label = "A line a run, through the settings in which the runs differ and what they measured"
    return plots.graph(figure, "compare-parallel-graph", label=label)


def shown_now(ids: list[str], shown: dict[str, str]) -> dict[str, str]:
    """What the page shows now as query values."""
    given = {"ids": ",".join(ids), **shown}
    return {name: value for name, value in given.items() if value}
