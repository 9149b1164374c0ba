"""What stands below the header on the core's tabs of a model: training, diagnostics, history."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from dashboard.context import AppContext, actor
from dashboard.forms import looks_of
from dashboard.live.feed import Feed
from dashboard.names import read_names
from dashboard.pages.model.diagnose import diagnose, places_of
from dashboard.pages.model.history import entries_of, history
from dashboard.pages.model.hub import form_specs, hub
from dashboard.pages.model.settings_form import judge_view
from dashboard.pages.model.view import ModelView
from dashboard.warming import warm_up
from workbench.runs.diagnosing import why_not
from workbench.services.diagnosis import bundle_path
from workbench.state import RunRecord

HISTORY_SHOWN = 200


def train(context: AppContext, view: ModelView, feed: Feed, _query: Mapping[str, str]) -> Component:
    """The training hub."""
    judged = judge_view(context.workbench, view, {})
    page = hub(view, feed, looks_of(form_specs(view), judged, baseline=view.values))
    may_start = not view.active and not view.preflight
    return html.Div([page, warm_up(view.family.framework)]) if may_start else page


def diagnosed(context: AppContext, view: ModelView, _feed: Feed, query: Mapping[str, str]) -> Component:
    """The figures of a run: the one that the address names, else the newest with diagnostics."""
    run = chosen_run(view, query.get("run"), context)
    places = places_of(view.family.figures, context.workbench.models.resolved(run), view.held) if run else ()
    has_bundle = run is not None and bundle_path(context.workbench, run) is not None
    reason = None if run is None or has_bundle else why_not(context.workbench.state(), run.id)
    return diagnose(run, view.runs, places, has_bundle=has_bundle, base=f"/model/{view.record.id}/diagnose", why_not=reason)


def chosen_run(view: ModelView, wanted: str | None, context: AppContext) -> RunRecord | None:
    """The run asked for, else the newest with diagnostics, else the newest."""
    by_id = {run.id: run for run in view.runs}
    if wanted in by_id:
        return by_id[wanted]
    return next((run for run in view.runs if bundle_path(context.workbench, run) is not None), view.latest)


def past(context: AppContext, view: ModelView, _feed: Feed, _query: Mapping[str, str]) -> Component:
    """Who changed what."""
    me = actor()
    entries = entries_of(context.workbench, view.record.id, HISTORY_SHOWN)
    words = context.workbench.undo_words(me)
    return history(view, entries, undo_words=words, me=me, names=read_names(context.settings.home))
