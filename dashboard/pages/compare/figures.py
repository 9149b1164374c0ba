"""The graphs of a comparison: curves of all runs on the same axes, and lines across their settings. Pure."""

from __future__ import annotations

import math
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
WIDE = 30
"""How many times the smallest value of a setting the largest is from which on its axis is logarithmic."""
FEW = 6
"""Values of a setting that each have a tick."""
MOST_NAMES = 12
"""Runs that each have a tick beside the first axis; of more, some."""
MOST_WORDS = 14
"""Characters of a value in words beside an axis."""


def curves_of(
    panels: Sequence[Panel], runs: Sequence[Overlay], metrics: Metrics, *, dark: bool, narrow: bool = False
) -> list[tuple[Panel, go.Figure]]:
    """Each panel that one of the runs has something for, with a line a run; fewer axes abreast in a `narrow` window."""
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
            axes, longest, View(dark=dark, narrow=narrow), palette, template=plots.template(dark), overlays=runs, own=False, height=panel.height,
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


def parallel(
    settings: Sequence[SettingRow], metrics: Sequence[MetricRow], names: Sequence[str], *, dark: bool, each: str = "Run"
) -> go.Figure:
    """A line a run through its settings to its metrics, the first of which colours it; `each`: what the axis of the names is called.

    Runs without the first metric are left out; another metric has an axis if all the others have it, since no line can skip one.
    """
    first = metrics[0]
    shown = [place for place, value in enumerate(first.values) if value is not None]
    complete = [row for row in metrics if all(row.values[place] is not None for place in shown)]
    places = list(range(len(shown)))
    step = max(1, -(-len(places) // MOST_NAMES))
    ticks = places[::step]
    run = {"label": each, "values": places, "tickvals": ticks, "ticktext": [names[shown[tick]] for tick in ticks]}
    measured = [_measured(row, shown) for row in complete]
    colours = theme(dark)
    line = {"color": [first.values[place] for place in shown], "colorscale": plotting.scale(colours.low_high), "showscale": False}
    figure = plotting.new_figure(dark=dark, height=PARALLEL_HEIGHT, margin={"l": 64, "r": 64, "t": 56, "b": 24})
    return figure.add_trace(
        go.Parcoords(
            dimensions=[run, *(_dimension(row, shown) for row in settings), *measured], line=line, labelfont={"color": colours.ink, "size": 12},
            tickfont={"color": colours.muted, "size": 11}, rangefont={"color": colours.muted},
        )
    )  # fmt: skip


def _measured(row: MetricRow, shown: Sequence[int]) -> dict[str, Any]:
    """A metric's axis, the better end on top."""
    values = [float(row.values[place] or 0.0) for place in shown]
    axis: dict[str, Any] = {
        "label": plotting.plain(row.metric.label),
        "values": values,
        "tickformat": ".1%" if row.metric.format == "share" else ".4~g",
    }
    if row.metric.direction == "lower" and min(values) < max(values):
        axis["range"] = [max(values), min(values)]
    return axis


def _numbers(label: str, values: Sequence[float]) -> dict[str, Any]:
    """An axis of numbers: by their logarithms, which its label says, where they span orders of magnitude; a tick at each value of a few."""
    distinct = sorted(set(values))
    wide = distinct[0] > 0 and distinct[-1] / distinct[0] >= WIDE
    places = [math.log10(value) for value in values] if wide else list(values)
    if len(distinct) > FEW and not wide:
        return {"label": label, "values": places}
    ticks = distinct if len(distinct) <= FEW else [distinct[0], distinct[len(distinct) // 2], distinct[-1]]
    return {
        "label": f"{label} (log)" if wide else label,
        "values": places,
        "tickvals": [math.log10(tick) if wide else tick for tick in ticks],
        "ticktext": [f"{tick:.4g}" for tick in ticks],
    }


def _dimension(row: SettingRow, shown: Sequence[int]) -> dict[str, Any]:
    """An axis of numbers as they are, of anything else by its words in order of first use."""
    given = [row.values[place] for place in shown]
    label = plotting.plain(row.label if len(row.label) <= 2 * MOST_WORDS else row.label[: 2 * MOST_WORDS - 1] + "…")
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return _numbers(label, [float(value) for value in given])
    words = ["–" if row.words[place] is None else str(row.words[place]) for place in shown]
    known = list(dict.fromkeys(words))
    short = [plotting.plain(text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 1] + "…") for text in known]
    return {"label": label, "values": [known.index(text) for text in words], "tickvals": list(range(len(known))), "ticktext": short}
