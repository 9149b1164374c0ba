"""The pages of sweeps of one request."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dash import html
from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.pages.sweeps import asking, layout
from dashboard.pages.sweeps.asking import asking_of
from dashboard.warming import warm_up
from workbench.commands.base import CommandError
from workbench.commands.rules import find_model
from workbench.sweeps.commands import find_sweep
from workbench.sweeps.records import sweeps_of


def render_list(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/sweeps`, `?model=<id>` for those of one model. Raises CommandError not_found."""
    state = context.workbench.state()
    model = find_model(state, query["model"]) if query.get("model") else None
    return layout.listing(state, sweeps_of(state, model.id if model else None), model)


def find_list(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found for a model that is not there."""
    if query.get("model"):
        find_model(context.workbench.state(), query["model"])


def asks(_context: AppContext, _query: Mapping[str, str]) -> dict[str, Collection[str] | None]:
    """What an address may say."""
    return {"model": None}


def render_new(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/sweeps/new?model=<id>`. Raises CommandError not_found."""
    asked = asking_of(context.workbench, query.get("model", ""))
    return html.Div([asking.page(asked), warm_up(asked.family.framework)])


def find_new(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found without a model that is there."""
    if not query.get("model"):
        raise CommandError("A sweep is about a model's settings, and the address names no model.", "model", code="not_found")
    find_model(context.workbench.state(), query["model"])


def render_one(context: AppContext, sweep_id: str) -> Component:
    """A sweep's page. Raises CommandError not_found."""
    state = context.workbench.state()
    sweep = find_sweep(state, sweep_id)
    return layout.page(state, sweep, layout.known_of(state, sweep))
