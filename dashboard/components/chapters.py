"""The bar of chapters of a page that has several."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs


def chapter_bar(home: str, chapters: Sequence[tuple[str, str]], active: str) -> Component:
    """Links to all chapters, the active one marked.

    Args:
        home: address below which they are. chapters: (key, title) in order; an empty key is the home's own.
    """
    links = []
    for key, title in chapters:
        href = f"{home}/{key}" if key else home
        links.append(html.A(title, href=href, **attrs({"aria-current": "page"})) if key == active else dcc.Link(title, href=href))
    return html.Nav(links, className="chapters", **attrs({"aria-label": "Chapters"}))
