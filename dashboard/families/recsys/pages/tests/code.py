"""The modules that a test ran, to read, copy and take along. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from dashboard.components import button, icon
from dashboard.components.attributes import attrs
from dashboard.live.words import plural

WORDS: Mapping[str, str] = {
    "trainer.py": "What the worker ran: transforms, towers, training, and what is exported.",
    "preprocessing.py": "The same transforms for tensorflow-transform, for a pipeline.",
}
"""What each module is."""


def modules(sources: Mapping[str, str], addresses: Mapping[str, str]) -> Component:
    """Each module folded away.

    Args:
        sources: name -> text. addresses: name -> where it is downloaded.
    """
    if not sources:
        return html.P("The test ended before its code was generated.", className="muted")
    return html.Div([module(name, text, addresses[name]) for name, text in sources.items()], className="modules")


def module(name: str, text: str, address: str) -> Component:
    """One module with its tools."""
    id = f"code-{name.removesuffix('.py')}"
    copy = button("Copy", small=True, icon_name="clipboard", **attrs({"data-copy": id}))
    download = html.A([icon("download", className="me-1"), "Download"], href=address, className="btn btn-outline-secondary btn-sm")
    tools = html.Div([html.Span(WORDS[name], className="muted"), copy, download], className="code-tools")
    summary = html.Summary(
        [html.Code(name), html.Span(f" {plural(text.count(chr(10)), 'line')}", className="muted")], className="more-title"
    )
    return html.Details([summary, tools, html.Pre(lines(text), id=id, className="code", tabIndex="0")], className="unfold")


def lines(text: str) -> list[Component]:
    """The lines of a module; style sheets tell comments from code."""
    return [
        html.Span(f"{line}\n", className="code-comment") if line.lstrip().startswith("#") else html.Span(f"{line}\n")
        for line in text.splitlines()
    ]
