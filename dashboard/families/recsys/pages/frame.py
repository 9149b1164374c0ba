"""What the chapters have in common: the bar of chapters, code to copy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import page_header
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages.addresses import CHAPTERS, HOME


def chapter(active: str, lead: str, actions: Sequence[Component], body: Sequence[Any], *, id: str) -> Component:
    """A chapter's page: the title, the bar of chapters, what it is for, its content."""
    header = page_header("Recommenders", lead=lead, actions=actions)
    return html.Div([header, chapter_bar(active), *body], id=id, className="recommenders")


def chapter_bar(active: str) -> Component:
    """Links to all chapters."""
    links = [
        html.A(title, href=f"{HOME}/{key}", **attrs({"aria-current": "page"})) if key == active else dcc.Link(title, href=f"{HOME}/{key}")
        for key, title in CHAPTERS
    ]
    return html.Nav(links, className="chapters", **attrs({"aria-label": "Chapters"}))


def query_ids(query: Mapping[str, str]) -> list[str]:
    """The ids or numbers that an address names in `ids`, each once."""
    return list(dict.fromkeys(part.strip() for part in query.get("ids", "").split(",") if part.strip()))
