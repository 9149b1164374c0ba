"""Tests beside each other, of one request: reads what they kept and gives the page and its curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from dashboard import plots
from dashboard.acting import needs
from dashboard.context import AppContext, current
from dashboard.families.recsys.pages import frame
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import compare
from dashboard.later import Later
from dashboard.live import curves
from dashboard.live.feed import Feed
from dashboard.live.reader import feed_of
from dashboard.theme import CATEGORIES
from recsys.commands.facts import FAMILY
from recsys.metrics import METRICS
from workbench.families import Panel, family

if TYPE_CHECKING:
    from dashboard.families.recsys import quick_test_views
else:
    quick_test_views = Later("dashboard.families.recsys.quick_test_views")

_SPLITS = ("validation", "train")


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/tests/compare?ids=`. Raises CommandError not_found."""
    # imported here, because they import NumPy, which the first page does without
    from dashboard.families.recsys.comparing import compared
    from recsys.services.pairing import paired_with_first

    keys = frame.query_ids(query or {})
    tests = recommenders(context.workbench).tests
    runs = list({run.id: run for run in (tests.get(key) for key in keys)}.values()) if len(keys) <= compare.MOST else []
    if not compare.FEWEST <= len(runs) <= compare.MOST:
        return compare.wrong_number(len(keys))
    found = compared([quick_test_views.quick_test_view(context.workbench, run) for run in runs], paired_with_first(context.workbench, runs))
    feeds = [feed_of(context.workbench, run.id) for run in runs]
    return compare.page(found, runs, [panel for panel in family(FAMILY).panels if key_of(panel, feeds)])


def register(app: Dash) -> None:
    """Add the callback that draws the curves."""

    @app.callback(
        Output({"type": compare.CURVES, "name": ALL}, "figure"), Input(compare.IDS, "data"), Input(compare.AXIS, "value"),
        Input(compare.SMOOTHING, "value"), Input(compare.LOG, "value"), Input("theme", "data"), State({"type": compare.CURVES, "name": ALL}, "id"),
    )  # fmt: skip
    @needs("read")
    def draw_curves(ids: list[str], axis: str, smoothing: Any, log: bool, theme: str | None, places: list) -> Any:
        if theme is None:
            return [no_update] * len(ctx.outputs_list)
        workbench = current().workbench
        runs = [workbench.state().runs[id] for id in ids]
        named = [(f"#{run.number}", feed_of(workbench, run.id)) for run in runs]
        panels = {panel.name: panel for panel in family(FAMILY).panels}
        look = {"seconds": axis == "seconds", "smoothing": float(smoothing or 0), "log": bool(log), "dark": theme == "dark"}
        return [figure(panels[place["name"]], named, **look) for place in places]


def figure(panel: Panel, tests: Sequence[tuple[str, Feed]], *, seconds: bool, smoothing: float, log: bool, dark: bool) -> Any:
    """A panel's most telling metric of every test.

    Args:
        tests: (name, what its events said). seconds: whether the axis is time rather than epochs.
    """
    import plotly.graph_objects as go

    key = key_of(panel, [feed for _, feed in tests])
    if key is None:
        return plots.blank(panel.height, "None of them was measured so", dark=dark)
    drawn = go.Figure()
    metric = family(FAMILY).measures.of(key)
    for place, (name, feed) in enumerate(tests):
        if key not in feed.series:
            continue
        series = feed.series[key]
        x = times_of(feed, series.x) if seconds else list(series.x)
        drawn.add_scatter(
            x=x, y=curves.smooth(series.y, smoothing), name=name, mode="lines+markers" if len(x) < 2 else "lines",
            line={"color": CATEGORIES[place], "width": 2, "dash": ("solid", "dash", "dot", "dashdot", "longdash")[place]},
        )  # fmt: skip
    share = metric.format == "share"
    drawn.update_layout(
        template=plots.template(dark), height=panel.height, uirevision=f"{panel.name}:{seconds}", hovermode="x unified", showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"}, margin={"l": 48, "r": 12, "t": 30, "b": 34},
    )  # fmt: skip
    drawn.update_xaxes(title={"text": "Seconds" if seconds else "Epoch", "standoff": 4})
    drawn.update_yaxes(
        title={"text": family(FAMILY).measures.title(key), "font": {"size": 11}},
        tickformat="~%" if share else None,
        type="log" if log and not share else None,
    )
    return drawn


def key_of(panel: Panel, feeds: Sequence[Feed]) -> str | None:
    """The panel's first metric that any test has, by validation rows where it has them."""
    names = [metric.key for metric in METRICS if metric.panel == panel.name]
    return next((key for name in names for split in _SPLITS if any((key := f"{split}/{name}") in feed.series for feed in feeds)), None)


def times_of(feed: Feed, epochs: Sequence[int]) -> list[float]:
    """When each epoch had ended, in seconds of training."""
    spent = feed.series.get("epoch_seconds")
    if spent is None:
        return [float(epoch) for epoch in epochs]
    at = dict(zip(spent.x, accumulate(value or 0.0 for value in spent.y), strict=True))
    return [at.get(epoch, 0.0) for epoch in epochs]
