"""Shown code, with buttons that copy it and save it as a file (`assets/code.js`)."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from dashboard.components.basic import icon


def with_code(text: str) -> Any:
    """A sentence in which what stands between backticks is shown as code."""
    parts = text.split("`")
    if len(parts) < 3:
        return text
    # a last backtick without a partner is a character like others
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    return [html.Code(part) if number % 2 else part for number, part in enumerate(parts) if part]


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
