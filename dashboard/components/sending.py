"""A control that sends one file to the server, shows how far it is, and can be stopped. `assets/sending.js` does the work."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from dashboard.components.basic import button, icon

ADDRESS = "/api/uploads"
"""Where files are sent to."""


def sending_control(then: str, label: str, words: str, *, limit: int) -> Component:
    """The control and what may be given to it.

    Args:
        then: the address to which the id of a file that arrived is added, to go there. label: of the button. words: what is
            in such a file. limit: bytes that one may have.
    """
    place: dict[str, Any] = {"data-send-to": ADDRESS, "data-send-then": then, "data-send-limit": str(limit), "data-needs": "train"}
    choose = button([icon("upload", className="me-1"), label], small=True, **attrs({"data-send-choose": ""}))
    bar = html.Progress(value="0", max="1", **attrs({"aria-label": "Sent so far"}))
    going = html.Div(
        [bar, html.Span(className="sending-words", **attrs({"aria-live": "polite"})), button("Cancel", small=True, **attrs({"data-send-cancel": ""}))],
        className="sending-going", hidden=True,
    )  # fmt: skip
    face = html.Div([choose, html.Span("or drop a file here", className="muted")], className="sending-face")
    return html.Div([face, going, html.P(words, className="field-help")], className="sending", **place)
