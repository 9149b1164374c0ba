"""One model: its training hub, the figures of its runs, its history, and what its family brings."""

from __future__ import annotations

from collections.abc import Mapping

from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard.components import again, empty_state
from dashboard.components import tour as tours
from dashboard.components.tour import tour
from dashboard.context import AppContext
from dashboard.live.feed import Feed
from dashboard.live.panel import stores
from dashboard.live.reader import feed_of
from dashboard.pages.model import callbacks
from dashboard.pages.model.header import header
from dashboard.pages.model.tab import Tab
from dashboard.pages.model.tabs import TRAIN, all_tabs, tabs_of
from dashboard.pages.model.view import model_in, view_of
from dashboard.pages.page import Page
from workbench.artefacts import ArtefactsAway
from workbench.commands.base import CommandError
from workbench.families import Family, family
from workbench.state import Kind


def render(context: AppContext, model_id: str, tab: str = TRAIN.key, query: Mapping[str, str] | None = None) -> Component:
    """A model's page. Raises CommandError with code not_found."""
    view = view_of(context.workbench, model_id)
    shown = _tab(view.family, tab)
    feed = feed_of(context.workbench, view.latest.id) if view.latest else Feed()
    try:
        body = shown.body(context, view, feed, query or {})
    except ArtefactsAway as error:
        # what the store knows stays in sight: the model, its run, and the way to stop it
        body = empty_state("Its files cannot be read now", str(error), actions=[again()])
    shared = stores(model_id=model_id, run=view.latest, follow_latest=True)
    return html.Div(
        [
            header(view, feed, shown.key),
            *([tour(f"model-{shown.key}", shown.tour)] if shown.tour else []),
            body,
            *shared,
            dcc.Store(id="model-action"),
            dcc.Store(id="hub-model", data=model_id),
            dcc.Store(id="hub-saved"),
            dcc.Store(id="hub-edits"),
        ],
        className="model-page model-page-wide" if shown.wide else "model-page",
    )


def _tab(family: Family, key: str) -> Tab:
    found = next((tab for tab in tabs_of(family) if tab.key == key), None)
    if found is None:
        raise CommandError(f"A model of {family.title} has no page named {key!r}.", code="not_found")
    return found


def _tab_at(context: AppContext, model_id: str, key: str) -> Tab:
    return _tab(family(model_in(context.workbench.state(), model_id).family), key)


def _find(context: AppContext, model_id: str, tab: str, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found for a tab, or what its address names, that is not there."""
    find = _tab_at(context, model_id, tab).find
    if find is not None:
        find(context, model_id, query)


def _shortcuts(context: AppContext, model_id: str, tab: str = TRAIN.key) -> tuple[tuple[str, str], ...]:
    return _tab_at(context, model_id, tab).shortcuts


def _register(app: Dash) -> None:
    callbacks.register(app)
    tours.register(app)
    for tab in all_tabs():
        if tab.register is not None:
            tab.register(app)


PAGE = Page("/model/<model_id>", "Model", render, _register, nav="models", keys=_shortcuts, shows=Kind.MODEL)
TAB_PAGE = Page("/model/<model_id>/<tab>", "Model", render, nav="models", wants_query=True, keys=_shortcuts, find=_find)
