"""The Train tab of one request: the training hub."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.forms import looks_of
from dashboard.live.feed import Feed
from dashboard.pages.model.hub import form_specs, hub
from dashboard.pages.model.settings_form import judge_view
from dashboard.pages.model.view import ModelView
from dashboard.warming import warm_up


def render_train(context: AppContext, view: ModelView, feed: Feed, _query: Mapping[str, str]) -> Component:
    """The training hub; a page on which training may begin has a worker made ready."""
    judged = judge_view(context.workbench, view, {})
    page = hub(view, feed, looks_of(form_specs(view), judged, baseline=view.values))
    may_start = not view.active and not view.preflight
    return html.Div([page, warm_up(view.family.framework)]) if may_start else page
