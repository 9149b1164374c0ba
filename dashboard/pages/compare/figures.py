"""The graphs of a comparison: curves of all runs on the same axes, and lines across their settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard import plots
from dashboard.live import curves
from dashboard.live.curves import Overlay, Palette, View
from dashboard.live.feed import Feed
from workbench import plotting
from workbench.comparing import MetricRow, SettingRow
from workbench.families import Metrics, Panel
from workbench.plotting import theme

PARALLEL_HEIGHT = 320
LEGEND_ABOVE = 26
MOST_WORDS = 14
"""Characters of a value in words beside an axis."""


def curves_of(panels: Sequence[Panel], runs: Sequence[Overlay], metrics: Metrics, *, dark: bool) -> list[tuple[Panel, go.Figure]]:
    """Each panel that one of the runs has something for, with a line a run."""
    palette = Palette("", "", theme(dark).categories)
    found = []
    for panel in panels:
        everything = Feed(series={key: series for run in reversed(runs) for key, series in run.feed.series.items()})
        axes = curves.axes_of(panel, everything, metrics, palette)
        axes = tuple(one for one in axes if one.lines)
        if not axes:
            continue
        longest = max(runs, key=lambda run: run.feed.epoch).feed
        figure = curves.draw(
            axes, longest, View(dark=dark), palette, template=plots.template(dark), overlays=runs, own=False, height=panel.height,
            columns=panel.columns if panel.each else 1, log=panel.log, row_height=panel.height,
        )  # fmt: skip
        if panel.each:
            _lift_legend(figure)
        found.append((panel, figure))
    return found


def _lift_legend(figure: Any) -> None:
    """Show the legend above the titles of the single axes."""
    top, height = figure.layout.margin.t, figure.layout.height
    inside = height - top - figure.layout.margin.b
    figure.update_layout(
        showlegend=True, legend={"y": 1 + LEGEND_ABOVE / inside}, margin={"t": top + LEGEND_ABOVE}, height=height + LEGEND_ABOVE
    )


def parallel(settings: Sequence[SettingRow], metric: MetricRow, names: Sequence[str], *, dark: bool) -> go.Figure:
    """A line a run through its settings to a metric, which colours it; runs without the metric are left out."""
    shown = [place for place, value in enumerate(metric.values) if value is not None]
    values = [float(metric.values[place] or 0.0) for place in shown]
    dimensions = [_dimension(row, shown) for row in settings]
    run = {
        "label": "Run",
        "values": list(range(len(shown))),
        "tickvals": list(range(len(shown))),
        "ticktext": [names[place] for place in shown],
    }
    colours = theme(dark)
    line = {"color": values, "colorscale": plotting.scale(colours.low_high), "showscale": False}
    figure = plotting.new_figure(dark=dark, height=PARALLEL_HEIGHT, margin={"l": 64, "r": 64, "t": 56, "b": 24})
    last = {"label": metric.metric.label, "values": values, "tickformat": ".1%" if metric.metric.format == "share" else ".4~g"}
    return figure.add_trace(
        go.Parcoords(dimensions=[run, *dimensions, last], line=line, labelfont={"color": colours.ink, "size": 12}, tickfont={"color": colours.muted, "size": 11}, rangefont={"color": colours.muted})
    )  # fmt: skip


def _dimension(row: SettingRow, shown: Sequence[int]) -> dict[str, Any]:
    """An axis of numbers as they are, of anything else by its words in order of first use."""
    given = [row.values[place] for place in shown]
    label = plotting.plain(row.label if len(row.label) <= 2 * MOST_WORDS else row.label[: 2 * MOST_WORDS - 1] + "…")
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return {"label": label, "values": [float(value) for value in given]}
    words = ["–" if row.words[place] is None else str(row.words[place]) for place in shown]
    known = list(dict.fromkeys(words))
    short = [plotting.plain(text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 1] + "…") for text in known]
    return {"label": label, "values": [known.index(text) for text in words], "tickvals": list(range(len(known))), "ticktext": short}
