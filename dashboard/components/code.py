"""Shown code, with buttons that copy it and save it as a file (`assets/code.js`)."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from dashboard.components.basic import icon


def code(text: str, *, name: str) -> Component:
    """A module's text, with buttons that copy it and save it as a file."""
    tools = html.Div(
        [
            html.Button(
                [icon("copy"), "Copy"], type="button", className="btn btn-outline-secondary btn-sm", **attrs({"data-copy-code": "1"})
            ),
            html.Button(
                [icon("download"), "Download"],
                type="button",
                className="btn btn-outline-secondary btn-sm",
                **attrs({"data-save-code": name}),
            ),
        ],
        className="code-tools",
    )
    return html.Div(
        [tools, html.Pre(html.Code(text), className="code-block", tabIndex="0", **attrs({"aria-label": name}))], className="code"
    )
