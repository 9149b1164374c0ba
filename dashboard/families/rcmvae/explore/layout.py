"""The Explore tab as a page: what its scripts fill (`assets/explore-*.js`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from dashboard.context import AppContext
from dashboard.live.feed import Feed
from dashboard.pages.model.view import ModelView

CLOUD_SHORTCUTS: tuple[tuple[str, str], ...] = (
    ("/", "search: #123, a class, c7 or wrong"),
    ("Shift and drag", "a lasso around images of the cloud; with Ctrl it adds to the selection"),
    ("Escape", "select nothing"),
)

LEFT = ("suggestions", "classes", "components", "effort")
MIDDLE = ("views", "tools", "cloud", "grid", "legend", "epochs")
RIGHT = ("sample", "labelling", "details")
_NEEDED = {"labelling": attrs({"data-needs": "label"})}
"""Parts that are out of use for those whose role is less (`assets/rights.js`)."""
"""Parts of the three columns, from the top: `explore-<name>`, each filled by the script of that name."""

SHORTCUTS: tuple[tuple[str, str], ...] = (
    ("0–9", "label as the class of that name or number, and go on"),
    ("a–z", "label as the class that its button names by this letter, or by two"),
    ("Backspace", "clear the label"),
    ("z", "take back your last label"),
    ("y or Shift-Z", "bring it again"),
    ("Space", "skip this image"),
    ("← or →", "the image before, the next one"),
    ("n", "new class"),
    ("↑ or ↓", "in the grid: a row up, a row down; with Shift they select"),
    ("Enter", "in the second look: the label is right, keep it"),
)


def explore(context: AppContext, view: ModelView, feed: Feed, query: Mapping[str, str]) -> Component:
    """Left what there is and what to label next, in the middle the cloud, on the right the selected image."""
    del context, feed, query
    target: dict[str, Any] = {"model": view.record.id, "trained": view.record.weights is not None}
    return html.Div(
        [
            dcc.Store(id="explore-target", data=target),
            html.Aside([html.Div(id=f"explore-{name}") for name in LEFT], className="explore-left"),
            html.Div([html.Div(id=f"explore-{name}") for name in MIDDLE], className="explore-middle"),
            html.Aside([html.Div(id=f"explore-{name}", **_NEEDED.get(name, {})) for name in RIGHT], className="explore-right"),
        ],
        className="explore",
        id="explore",
    )
