"""A choice among a few addresses, as a row of links of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs


def link_choice(label: str, links: Sequence[tuple[str, str, bool]]) -> list[Component]:
    """The row, or nothing where there is no choice.

    Args:
        label: what is chosen, for screen readers. links: (address, title, chosen).
    """
    if len(links) < 2:
        return []
    shown = [
        dcc.Link(title, href=href, className=f"btn btn-sm btn-outline-secondary{' active' if chosen else ''}")
        for href, title, chosen in links
    ]
    return [html.Div(shown, className="kinds", role="group", **attrs({"aria-label": label}))]
