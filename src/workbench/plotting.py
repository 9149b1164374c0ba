"""How every figure of Trellis looks: one Plotly template for light, one for dark, and colours that anyone can tell apart.

Only plotly is needed. Figures are drawn on a transparent ground, so that they take the card they stand on; the text and line
colours are those of the dashboard's themes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from workbench.colours import (
    CATEGORIES_DARK,
    CATEGORIES_LIGHT,
    DARK,
    LIGHT,
    MAX_CATEGORIES,
    SYMBOLS,
    Theme,
    category,
    faded,
    scale,
    symbol,
    theme,
)

__all__ = [
    "CATEGORIES_DARK", "CATEGORIES_LIGHT", "CORNER", "DARK", "FONT", "HOVER", "LIGHT", "MAX_CATEGORIES", "SYMBOLS", "WEBGL_FROM", "Sketch", "Theme",
    "category", "checked", "dotted", "empty_figure", "empty_sketch", "faded", "in_theme", "new_figure", "note", "plain", "scale", "scatter", "sketch",
    "symbol", "template", "theme", "wrap",
]  # fmt: skip

WEBGL_FROM = 5_000
"""Scatters with more points than this are drawn with WebGL."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif"


HOVER = ",.4~g"
"""How hover texts write a number that may be of any size: four digits, thousands apart, huge and tiny ones as powers of ten."""

SHARE = ".2~%"
"""How axes write shares: whole percents where these tell ticks apart, else up to two decimals."""

CORNER: Mapping[str, Any] = {"x": 1, "y": 1.01, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
"""Where a figure's one-number summary stands: above its upper right corner."""


Sketch = dict[str, Any]
"""A figure as plain values, its `data` and its `layout`, without a template. Plotly's checks of a figure cost twenty times what it costs to put
its values together; so what is drawn anew with every epoch is sketched, and `checked` where it is drawn once."""

_LEFT_OUT = ContextVar("template_left_out", default=False)


def template(dark: bool = False) -> go.layout.Template | None:
    """The Plotly template of the theme; None while `in_theme` draws, which adds it at the end."""
    return None if _LEFT_OUT.get() else _template(dark)


def in_theme(draw: Callable[[], go.Figure | Sketch], *, dark: bool = False) -> dict[str, Any]:
    """The figure that `draw` makes, as plain JSON with the theme's template. Plotly checks a template anew with each figure, which takes several times as long as a
    small figure does; here it is added when the figure is plain already."""
    before = _LEFT_OUT.set(True)
    try:
        plain = json.loads(str(to_json_plotly(draw())))
    finally:
        _LEFT_OUT.reset(before)
    plain["layout"]["template"] = _plain_template(dark)
    return plain


@cache
def _plain_template(dark: bool) -> dict[str, Any]:
    return json.loads(str(to_json_plotly(_template(dark))))


@cache
def _template(dark: bool) -> go.layout.Template:
    colours = theme(dark)
    axis: dict[str, Any] = {
        "gridcolor": colours.line, "linecolor": colours.line, "zerolinecolor": colours.line, "zerolinewidth": 1, "tickcolor": colours.line,
        "ticks": "", "automargin": True, "title": {"standoff": 8, "font": {"size": 12, "color": colours.muted}},
        "tickfont": {"size": 11, "color": colours.muted}, "showline": False, "exponentformat": "e",
    }  # fmt: skip
    small = {"size": 11, "color": colours.muted}
    bar = {"outlinewidth": 0, "thickness": 10, "tickfont": small, "title": {"font": small, "side": "right"}}
    layout: dict[str, Any] = {
        "font": {"family": FONT, "size": 12, "color": colours.ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(colours.categories),
        "margin": {"l": 48, "r": 16, "t": 20, "b": 40},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colours.ground,
            "bordercolor": colours.line,
            "font": {"family": FONT, "size": 12, "color": colours.ink},
            "align": "left",
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.01,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 11, "color": colours.ink},
            "itemsizing": "constant",
            "title": {"font": {"size": 11, "color": colours.muted}},
        },
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.muted, "activecolor": colours.ink},
        "xaxis": axis,
        "yaxis": axis,
        "coloraxis": {"colorbar": bar},
        "annotationdefaults": {"font": {"size": 11, "color": colours.muted}, "showarrow": False},
        "colorscale": {"sequential": scale(colours.sequential), "diverging": scale(colours.low_high)},
        "bargap": 0.18,
    }
    data = {
        "heatmap": [{"colorbar": bar, "colorscale": scale(colours.sequential)}],
        "scatter": [{"line": {"width": 2}, "marker": {"colorbar": bar}}],
        "scattergl": [{"line": {"width": 2}, "marker": {"colorbar": bar}}],
        "bar": [{"marker": {"line": {"width": 0}}}],
    }
    return go.layout.Template(layout=layout, data=data)


def new_figure(traces: Sequence[Any] = (), *, dark: bool = False, **layout: Any) -> go.Figure:
    """A figure in the theme's template."""
    figure = go.Figure(list(traces))
    figure.update_layout(template=template(dark), **layout)
    return figure


def scatter(n: int, **options: Any) -> go.Scatter | go.Scattergl:
    """A scatter trace for a figure of `n` points in all: SVG, or WebGL past 5,000 points."""
    return go.Scattergl(**options) if n > WEBGL_FROM else go.Scatter(**options)


def sketch(traces: Sequence[Mapping[str, Any]] = (), **layout: Any) -> Sketch:
    """Traces, each with its `type`, and a layout, as plain values."""
    return {"data": list(traces), "layout": layout}


def checked(sketched: Sketch, *, dark: bool = False) -> go.Figure:
    """A sketch as a figure in the theme's template. Raises ValueError for what Plotly does not know."""
    return new_figure(sketched["data"], dark=dark, **sketched["layout"])


def dotted(colour: str, *, x: float | None = None, y: float | None = None) -> dict[str, Any]:
    """The shape of a dotted line over the whole height at `x`, or over the whole width at `y`."""
    upright = {"x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
    level = {"x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y"}
    return {"type": "line", "line": {"color": colour, "width": 1, "dash": "dot"}, **(upright if y is None else level)}


def note(text: str, **place: Any) -> dict[str, Any]:
    """An annotation: words without an arrow."""
    return {"text": text, "showarrow": False, **place}


def empty_sketch(message: str) -> Sketch:
    """A sketch that says in words why there is nothing to draw."""
    words = note(wrap(message, 44), x=0.5, y=0.5, xref="paper", yref="paper", font={"size": 13})
    return sketch(xaxis={"visible": False}, yaxis={"visible": False}, annotations=[words])


def empty_figure(message: str, *, dark: bool = False) -> go.Figure:
    """A figure that says in words why there is nothing to draw."""
    return checked(empty_sketch(message), dark=dark)


def wrap(text: str, width: int) -> str:
    """Text broken into lines of at most `width` characters where it can be, for annotations and hover boxes."""
    lines, current = [], ""
    for word in text.split():
        if current and len(current) + 1 + len(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}".strip()
    return "<br>".join([*lines, current])


def plain(text: str) -> str:
    """User text for a Plotly label: Plotly reads a little HTML, so angle brackets and ampersands are written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
