"""What the chapters have in common: the bar of chapters, code to copy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import page_header
from dashboard.components.chapters import chapter_bar
from dashboard.families.recsys.pages.addresses import CHAPTERS, HOME


def chapter(active: str, lead: str, actions: Sequence[Component], body: Sequence[Any], *, id: str) -> Component:
    """A chapter's page: the title, the bar of chapters, what it is for, its content."""
    header = page_header("Recommenders", lead=lead, actions=actions)
    return html.Div([header, chapter_bar(HOME, CHAPTERS, active), *body], id=id, className="recommenders")


def query_ids(query: Mapping[str, str]) -> list[str]:
    """The ids or numbers that an address names in `ids`, each once."""
    return list(dict.fromkeys(part.strip() for part in query.get("ids", "").split(",") if part.strip()))
