"""All runs of all families in one grid."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.pages.page import Entry, Page
from dashboard.pages.runs import callbacks, layout


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """The page; `?model=<id>` lists one model's runs."""
    state = context.workbench.state()
    model = state.models.get(query.get("model", ""))
    rows, metrics, known = callbacks.rows_for(state, model.id if model else None)
    return layout.page(rows, metrics, known=known, model=(model.id, model.name) if model else None)


SHORTCUTS = (("/", "search runs"), ("Enter", "open the run of the focused row"))

PAGE = Page(
    "/runs",
    "Runs",
    render,
    callbacks.register,
    nav="runs",
    wants_query=True,
    shortcuts=SHORTCUTS,
    entry=Entry("Runs", "activity"),
    go=("r", "all runs"),
)
