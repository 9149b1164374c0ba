"""The outline of what comes, shown while a page or a part of it waits."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def wait_outline(lines: int = 3, *, label: str = "Loading") -> Component:
    """A panel of `lines` grey bars with a screen-reader `label`."""
    bars = [html.Span(className="outline-bar", style={"width": f"{92 - 17 * (i % 4)}%"}) for i in range(lines)]
    return html.Div([html.Span(label, className="visually-hidden"), *bars], className="outline", role="status")


def page_outline() -> Component:
    """The outline of a whole page, the first thing a browser draws."""
    return html.Div([wait_outline(2), html.Div([wait_outline(4) for _ in range(3)], className="outline-grid")], className="page-outline")
