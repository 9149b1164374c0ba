"""A first visit's tour of a page: a line that offers it until somebody has answered, and a card that goes from part to part.

What it says is written where the page is (`Tab.tour`); `assets/tour.js` shows it. A part that is not on the page is passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from dashboard.components.basic import button

MOST = 5
"""Steps of a tour; a longer one is not read."""


@dataclass(frozen=True)
class Step:
    """One step: the id of the part that it is about, a title, and a sentence or two."""

    part: str
    title: str
    words: str


def tour(name: str, steps: Sequence[Step]) -> Component:
    """The place of a page's tour.

    Args:
        name: of the tour; whoever has answered it is not asked again.

    Raises ValueError for more than `MOST` steps.
    """
    if len(steps) > MOST:
        raise ValueError(f"the tour {name} has {len(steps)} steps; at most {MOST} are read")
    told: dict[str, Any] = {"name": name, "steps": [asdict(step) for step in steps]}
    return html.Div([dcc.Store(id="tour-of", data=told), html.Div(id="tour-offer")])


def again() -> Component:
    """A button that has every tour offered again."""
    more: dict[str, Any] = {"data-tour-again": "1"}
    said = html.Span(className="muted", role="status", **attrs({"data-tour-said": "1"}))
    return html.Div([button("Offer the tours again", small=True, icon_name="signpost", **more), " ", said], className="tour-again")


def register(app: Dash) -> None:
    """Add the callback that shows it."""
    app.clientside_callback(ClientsideFunction("trellis", "tour_shown"), Output("tour-of", "clear_data"), Input("tour-of", "data"))
