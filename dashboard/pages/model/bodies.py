"""What stands below the header on the core's tabs of a model: training and history."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from dashboard.context import AppContext, actor
from dashboard.forms import looks_of
from dashboard.live.feed import Feed
from dashboard.names import read_names
from dashboard.pages.model.history import entries_of, history
from dashboard.pages.model.hub import form_specs, hub
from dashboard.pages.model.settings_form import judge_view
from dashboard.pages.model.view import ModelView
from dashboard.warming import warm_up

HISTORY_SHOWN = 200


def train(context: AppContext, view: ModelView, feed: Feed, _query: Mapping[str, str]) -> Component:
    """The training hub."""
    judged = judge_view(context.workbench, view, {})
    page = hub(view, feed, looks_of(form_specs(view), judged, baseline=view.values))
    may_start = not view.active and not view.preflight
    return html.Div([page, warm_up(view.family.framework)]) if may_start else page


def past(context: AppContext, view: ModelView, _feed: Feed, _query: Mapping[str, str]) -> Component:
    """Who changed what."""
    me = actor()
    entries = entries_of(context.workbench, view.record.id, HISTORY_SHOWN)
    words = context.workbench.undo_words(me)
    return history(view, entries, undo_words=words, me=me, names=read_names(context.settings.home))
