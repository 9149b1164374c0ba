"""What the chapters have in common. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import page_header
from dashboard.components.chapters import chapter_bar
from dashboard.families.traffic.pages.addresses import CHAPTERS, HOME


def chapter(active: str, lead: str, body: Sequence[Any], *, actions: Sequence[Component] = ()) -> Component:
    """A chapter's page: the title, the bar of chapters, what it is for, its content."""
    return html.Div(
        [page_header("Forecasting", lead=lead, actions=actions), chapter_bar(HOME, CHAPTERS, active), *body], className="forecasting"
    )
