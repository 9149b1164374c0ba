"""One model: its training hub, the figures of its runs, and its history."""

from __future__ import annotations

from collections.abc import Mapping

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.forms import looks_of
from dashboard.live.feed import Feed
from dashboard.live.panel import stores
from dashboard.live.reader import feed_of
from dashboard.pages.model import callbacks
from dashboard.pages.model.asking import find
from dashboard.pages.model.diagnose_tab import render_diagnose
from dashboard.pages.model.header import TABS, header
from dashboard.pages.model.history_tab import render_history
from dashboard.pages.model.hub import form_specs, hub
from dashboard.pages.model.settings_form import judge_view
from dashboard.pages.model.view import ModelView, view_of
from dashboard.pages.page import Page
from dashboard.warming import warm_up
from workbench.commands.base import CommandError
from workbench.state import Kind


def render(context: AppContext, model_id: str, tab: str = "train", query: Mapping[str, str] | None = None) -> Component:
    """A model's page. Raises CommandError with code not_found."""
    if tab not in dict(TABS):
        raise CommandError(f"A model has no page named {tab!r}.", code="not_found")
    view = view_of(context.workbench, model_id)
    feed = feed_of(context.workbench, view.latest.id) if view.latest else Feed()
    body = {"train": _train, "diagnose": render_diagnose, "history": render_history}[tab](context, view, feed, query or {})
    shared = stores(model_id=model_id, run=view.latest, follow_latest=True)
    return html.Div(
        [
            header(view, feed, tab),
            body,
            *shared,
            dcc.Store(id="model-action"),
            dcc.Store(id="hub-model", data=model_id),
            dcc.Store(id="hub-saved"),
            dcc.Store(id="hub-edits"),
        ],
        className="model-page",
    )


def _train(context: AppContext, view: ModelView, feed: Feed, _query: Mapping[str, str]) -> Component:
    judged = judge_view(context.workbench, view, {})
    page = hub(view, feed, looks_of(form_specs(view), judged, baseline=view.values))
    may_start = not view.active and not view.preflight
    return html.Div([page, warm_up(view.family.framework)]) if may_start else page


SHORTCUTS = (("Tab", "next setting"), ("Space", "switch a setting or press a button"))

PAGE = Page("/model/<model_id>", "Model", render, callbacks.register, nav="models", shortcuts=SHORTCUTS, shows=Kind.MODEL)
TAB_PAGE = Page("/model/<model_id>/<tab>", "Model", render, nav="models", wants_query=True, shortcuts=SHORTCUTS, find=find)
