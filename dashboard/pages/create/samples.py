"""What the Create page shows of a sample: its family's look at it, or why there is none."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components import button, wait_outline
from dashboard.components.look import draw_look
from dashboard.pages.create.start import Start
from workbench.looks import Look


def draw(look: Look) -> Component:
    """The family's look at a sample."""
    return draw_look(look)


def unread(start: Start) -> Component:
    """What stands in the strip's place while the data has not been read on this machine."""
    words = f"{start.source.name} has not been read on this machine yet. {start.source.description}"
    show = button("Show samples", id="create-fetch", small=True)
    return html.Div([html.P(words, className="field-help"), show], className="strip-none")


def failed(message: str) -> Component:
    """What stands in the strip's place when there is none to show."""
    return html.P(message, className="strip-none field-message")


def waiting() -> Component:
    """The strip's outline."""
    return html.Div(wait_outline(3, label="Drawing a sample"), className="strip-wait")
