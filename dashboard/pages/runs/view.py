"""The Runs page of one request: what its address asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.pages.runs import layout
from workbench.commands.rules import find as find_record
from workbench.commands.rules import find_model
from workbench.listing.asked import QUERY, Asked, asked_of, lenient
from workbench.listing.views import KIND, ViewRecord
from workbench.state import AppState, ModelRecord


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/runs?where=&columns=&sort=&group=`; `?view=<id>` for a saved view, `?model=<id>` for one model's runs, `?search=` for
    what is searched for among those that are listed. Raises CommandError not_found."""
    state = context.workbench.state()
    asked, model, view = asked_for(state, query)
    found = lenient(state, asked, subject=model.id if model else None)
    return layout.page(state, found, model=(model.id, model.name) if model else None, view=view, search=query.get("search", ""))


def find(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found where the address names a column or a record that is not there."""
    state = context.workbench.state()
    asked, model, _ = asked_for(state, query)
    lenient(state, asked, subject=model.id if model else None)


def asks(_context: AppContext, _query: Mapping[str, str]) -> dict[str, Collection[str] | None]:
    """What an address may say; `find` looks at what it names."""
    return dict.fromkeys((*QUERY, "view", "model", "search"))


def asked_for(state: AppState, query: Mapping[str, str]) -> tuple[Asked, ModelRecord | None, ViewRecord | None]:
    """What an address asks for, the one model whose runs it lists and the saved view that it names. Raises CommandError not_found."""
    model = find_model(state, query["model"]) if query.get("model") else None
    view: ViewRecord | None = find_record(state, KIND, query["view"]) if query.get("view") else None
    return asked_of(query, view.asked if view else None), model, view
