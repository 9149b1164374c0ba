"""One run: what it reached, its report, settings, log, files and environment."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.live.panel import stores
from dashboard.live.reader import feed_of
from dashboard.pages.page import Page
from dashboard.pages.run import callbacks
from dashboard.pages.run.layout import layout
from dashboard.pages.run.view import view_of
from workbench.state import Kind


def render(context: AppContext, run_id: str) -> Component:
    """A run's page. Raises CommandError with code not_found."""
    view = view_of(context.workbench, run_id)
    feed = feed_of(context.workbench, run_id)
    shared = stores(model_id=view.record.subject.id, run=view.record, follow_latest=False)
    own = [dcc.Store(id="run-id", data=run_id), dcc.Store(id="run-was-active", data=view.record.state.active)]
    return html.Div([layout(view, feed), *shared, *own])


PAGE = Page("/run/<run_id>", "Run", render, callbacks.register, nav="runs", shows=Kind.RUN, plots=True)
