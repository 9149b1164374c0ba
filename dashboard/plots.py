"""The one place where graphs are made, so that all of them look and behave alike.

plotly 7 gives every graph a button that uploads it to an outside cloud; it is taken away here, once.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

CONFIG: dict[str, Any] = {
    "showSendToCloud": False,
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
    "scrollZoom": False,
}
"""What every graph is configured with."""


def graph(
    figure: Any, id: Any, *, label: str, height: int | None = None, lasso: bool = False, bar: bool = True, class_name: str = ""
) -> html.Div:
    """A figure on a page.

    Args:
        figure: Plotly figure or its dict; its own `uirevision` says what zoom and hidden traces survive.
        id: component id of the graph. label: what a screen reader says. height: pixels; the figure's own if not given.
        lasso: keep selection tools. bar: whether the tool bar shows on hover.
    """
    config: Any = CONFIG if not lasso else {**CONFIG, "modeBarButtonsToRemove": ["autoScale2d"]}
    if not bar:
        config = {**config, "displayModeBar": False}
    style = {"height": f"{height}px"} if height else {}
    body = dcc.Graph(id=id, figure=figure, config=config, style=style, className="tr-graph")
    aria: dict[str, Any] = {"aria-label": label}
    return html.Div(body, className=f"tr-graph-frame {class_name}".strip(), role="group", **aria)
