"""The menu of saved views above the grid: which there are, which is shown, and what can be done with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, icon
from dashboard.components.attributes import attrs
from workbench.listing.asked import Asked
from workbench.listing.views import ViewRecord

VIEW_ACTION, VIEWS, VIEW = "runs-view-action", "runs-views", "runs-view"


def menu(views: Sequence[ViewRecord], shown: ViewRecord | None, asked: Asked) -> list[Component]:
    """The menu.

    Args:
        views: all of them, by name. shown: the one that the address names. asked: what the page shows now, which may differ from it.
    """
    changed = shown is not None and asked.query() != shown.query
    title = "Views" if shown is None else f"{shown.name}{' (changed)' if changed else ''}"
    summary = html.Summary(
        [icon("bookmark" if shown is None else "bookmark-fill", className="me-1"), title], className="btn btn-outline-secondary"
    )
    return [html.Details([summary, html.Div(_entries(views, shown, changed), className="pop pop-menu view-menu")], className="pop-host")]


def _entries(views: Sequence[ViewRecord], shown: ViewRecord | None, changed: bool) -> list[Component]:
    links: list[Component] = [
        dcc.Link(view.name, href=view.address, className=f"pop-item{' is-shown' if view is shown else ''}", title=_title(view))
        for view in views
    ]
    if shown is not None:
        links.append(dcc.Link("All runs, no view", href="/runs", className="pop-item muted"))
    acts = [_act("Save as a view…", "save", prompt="Name of the view", prompt_label="Save view", icon_name="bookmark-plus")]
    if shown is not None:
        if changed:
            acts.insert(0, _act("Save changes", "change", shown.id, icon_name="check2"))
        acts.append(
            _act(
                "Rename…",
                "rename",
                shown.id,
                prompt="New name of the view",
                prompt_value=shown.name,
                prompt_label="Rename",
                icon_name="pencil",
            )
        )
        acts.append(_act("Delete", "delete", shown.id, icon_name="trash"))
    empty = [html.P("No views yet. A view keeps filter, columns, order and grouping for everybody here.", className="pop-empty")]
    return [*(links or empty), html.Hr(), *acts]


def _title(view: ViewRecord) -> str:
    return ", ".join(f"{name}: {value}" for name, value in view.query.items()) or "All runs as they are"


def _act(words: str, name: str, id: str = "", *, icon_name: str, **asking: Any) -> Component:
    return html.Button([icon(icon_name), words], type="button", className="pop-item", **act(VIEW_ACTION, name, id, **asking))


def store(shown: ViewRecord | None) -> Component:
    """What the browser knows of the view that is shown: what of the address it says already."""
    data: Mapping[str, Any] | None = None if shown is None else {"id": shown.id, "query": shown.query}
    return dcc.Store(id=VIEW, data=data)


def place(views: Sequence[ViewRecord], shown: ViewRecord | None, asked: Asked) -> Component:
    """The menu in its place."""
    return html.Div(menu(views, shown, asked), id=VIEWS, **attrs({"aria-label": "Saved views", "role": "group"}))
