"""The one place where graphs are made, so that all of them look and behave alike.

plotly 7 gives every graph a button that uploads it to an outside cloud; it is taken away here, once.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from dashboard.live.curves import Palette
from workbench import plotting

CONFIG: Mapping[str, Any] = {
    "showSendToCloud": False,
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
    "scrollZoom": False,
}
"""What every graph is configured with."""

_LOG = logging.getLogger("trellis.dashboard")


def graph(figure: Any, id: Any, *, label: str, lasso: bool = False, bar: bool = True, class_name: str = "") -> html.Div:
    """A figure on a page.

    Args:
        figure: Plotly figure or its dict; its own height counts, and its `uirevision` says what zoom and hidden traces survive.
        id: component id of the graph. label: what a screen reader says.
        lasso: keep selection tools. bar: whether the tool bar shows on hover.
    """
    config: Any = dict(CONFIG) if not lasso else {**CONFIG, "modeBarButtonsToRemove": ["autoScale2d"]}
    if not bar:
        config = {**config, "displayModeBar": False}
    body = dcc.Graph(id=id, figure=figure, config=config, className="tr-graph")
    spoken: dict[str, Any] = {"aria-label": label}
    return html.Div(body, className=f"tr-graph-frame {class_name}".strip(), role="group", **spoken)


def blank(height: int, words: str = "", *, dark: bool = False) -> go.Figure:
    """A graph's place before there is anything to draw, with the reason in words."""
    figure = plotting.empty_figure(words, dark=dark)
    return figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8})


def template(dark: bool) -> Any:
    """The Plotly template of the dark or the light theme."""
    return plotting.template(dark)


def in_theme(draw: Callable[[], Any], *, dark: bool) -> dict[str, Any]:
    """What `draw` draws as plain JSON, for figures that are drawn again and again."""
    return plotting.in_theme(draw, dark=dark)


def curve_palette(dark: bool) -> Palette:
    """Colours of training curves: training, validation, and runs laid over."""
    theme = plotting.theme(dark)
    return Palette(theme.first, theme.second, theme.categories[:2] + theme.categories[3:6])


def safely(draw: Callable[[], Any], *, height: int, dark: bool) -> Any:
    """What `draw` draws, or a place that says that it could not be drawn; the log has the details."""
    try:
        return draw()
    except Exception as error:
        _LOG.exception("a figure could not be drawn")
        return blank(height, f"This figure could not be drawn ({type(error).__name__}); the server's log has the details.", dark=dark)


def figure_csv(figure: Any) -> str:
    """The data behind a figure as CSV: one block of columns for each trace, matrices row by row.

    Args:
        figure: a Plotly figure.
    """
    columns: list[tuple[str, list[Any]]] = []
    for position, trace in enumerate(figure.data, start=1):
        name = trace.name or f"trace {position}"
        for axis in ("x", "y", "z", "values", "labels"):
            if axis not in trace or trace[axis] is None:
                continue
            values = trace[axis].tolist() if hasattr(trace[axis], "tolist") else list(trace[axis])
            if values and isinstance(values[0], list | tuple):
                columns += [(f"{name}: {axis} row {row}", list(entries)) for row, entries in enumerate(values, start=1)]
            else:
                columns.append((f"{name}: {axis}", values))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_text_cell(heading) for heading, _ in columns])
    longest = max((len(values) for _, values in columns), default=0)
    for row in range(longest):
        writer.writerow([_text_cell(values[row]) if row < len(values) else "" for _, values in columns])
    return out.getvalue()


def _text_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return f"'{value}"
    return "" if value is None else value
