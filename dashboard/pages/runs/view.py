"""The Runs page of one request: what its address asks for."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.pages.runs import layout
from workbench.commands.rules import find_model
from workbench.listing.asked import Asked, asked_of, lenient
from workbench.state import AppState, ModelRecord


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/runs?where=&columns=&sort=&group=`; `?model=<id>` lists one model's runs. Raises CommandError not_found."""
    state = context.workbench.state()
    asked, model = asked_for(state, query)
    found = lenient(state, asked, subject=model.id if model else None)
    return layout.page(state, found, model=(model.id, model.name) if model else None)


def find(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found where the address names a column or a record that is not there."""
    state = context.workbench.state()
    asked, model = asked_for(state, query)
    lenient(state, asked, subject=model.id if model else None)


def asked_for(state: AppState, query: Mapping[str, str]) -> tuple[Asked, ModelRecord | None]:
    """What an address asks for, and the one model whose runs it lists. Raises CommandError not_found."""
    model = find_model(state, query["model"]) if query.get("model") else None
    return asked_of(query), model
