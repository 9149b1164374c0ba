"""What the comparison of runs draws once the theme is known, and what its choices do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, html, no_update

from dashboard import plots
from dashboard.context import current
from dashboard.later import Later
from dashboard.live.curves import Overlay
from dashboard.live.reader import feed_of
from dashboard.pages.model.figures import draw
from dashboard.pages.page import query_of
from workbench.commands.base import CommandError
from workbench.families import Figure, family
from workbench.services.comparison import compare, runs_of
from workbench.state import RunRecord

if TYPE_CHECKING:
    from dashboard.pages.compare import figures, layout
else:
    figures, layout = Later("dashboard.pages.compare.figures"), Later("dashboard.pages.compare.layout")


def register(app: Dash) -> None:
    """Add the page's callbacks."""

    @app.callback(Output("compare-curves", "children"), Input("theme", "data"), State("compare-ids", "data"))
    def draw_curves(theme: str | None, ids: list[str] | None) -> Any:
        if theme is None or not ids:
            return no_update
        runs, dark = runs_of(current().workbench, ids), theme == "dark"
        parts: list[Any] = []
        for name in dict.fromkeys(run.family for run in runs):
            declared, own = family(name), [run for run in runs if run.family == name]
            overlays = [Overlay(run.id, f"#{run.number}", feed_of(current().workbench, run.id)) for run in own]
            for panel, figure in figures.curves_of(declared.panels, overlays, declared.measures, dark=dark):
                id = {"type": "compare-curve", "name": f"{name}-{panel.name}"}
                parts.append(html.Div([html.H3(panel.title, className="mini-title"), plots.graph(figure, id, label=panel.description)]))
        return parts or html.P("None of these runs has reported an epoch.", className="muted")

    @app.callback(Output("compare-parallel", "children"), Input("theme", "data"), State("compare-ids", "data"))
    def draw_parallel(theme: str | None, ids: list[str] | None) -> Any:
        if theme is None or not ids:
            return no_update
        found = compare(current().workbench, ids)
        metric = next(iter(found.headlines), None)
        if metric is None or sum(value is not None for value in metric.values) < 2:
            return html.P("Fewer than two of these runs have a result.", className="muted")
        figure = figures.parallel(found.differing[:MOST_AXES], metric, [f"#{run.number}" for run in found.runs], dark=theme == "dark")
        return plots.graph(figure, "compare-parallel-graph", label=f"Each run's settings and its {metric.metric.label}")

    @app.callback(
        Output("url", "search", allow_duplicate=True), Input("compare-group", "value"), State("compare-ids", "data"), State("url", "search"),
        prevent_initial_call=True,
    )  # fmt: skip
    def choose_group(path: str | None, ids: list[str], search: str | None) -> Any:
        path = path if path and path != layout.NOTHING else ""
        same = query_of(search).get("group", "") == path
        return no_update if same else f"?{urlencode({'ids': ','.join(ids), **({'group': path} if path else {})}, safe=',')}"

    @app.callback(
        Output("compare-figures", "children"), Input("compare-figure", "value"), Input("theme", "data"), State("compare-ids", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def draw_figures(name: str | None, theme: str | None, ids: list[str] | None) -> Any:
        if not name or name == layout.NOTHING or theme is None or not ids:
            return []
        runs = runs_of(current().workbench, ids)
        declared = layout.one_family(runs)
        figure = next((figure for figure in declared.figures if figure.name == name), None) if declared is not None else None
        return [] if figure is None else [_one(run, figure, dark=theme == "dark") for run in runs]


MOST_AXES = 8
"""Settings with an axis of their own; with more, none can be read."""


def _one(run: RunRecord, figure: Figure, *, dark: bool) -> Any:
    """A figure of one run, or why it has none."""
    workbench = current().workbench
    title = html.H3(f"#{run.number}", className="figure-title")
    held = family(run.family).model(run.model_type).holds.run_payload.model_validate(run.payload)
    reason = figure.applies(workbench.models.resolved(run), held)
    if reason is None:
        try:
            drawn = draw(workbench, run, figure, dark=dark)
            body: Any = plots.graph(drawn, {"type": "compare-figure", "name": run.id}, label=f"{figure.title} of run #{run.number}")
        except CommandError as error:
            body = html.P(str(error), className="muted")
    else:
        body = html.P(f"It does not apply: {reason}.", className="muted")
    return html.Article([title, body], className="panel figure-card")
