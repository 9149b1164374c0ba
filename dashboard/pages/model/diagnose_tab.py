"""The Diagnose tab of one request: the run that its address names, and another beside it."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.live.feed import Feed
from dashboard.pages.asked import chosen
from dashboard.pages.model.diagnose import Beside, diagnose, places_of
from dashboard.pages.model.view import ModelView
from workbench.runs.diagnosing import why_not
from workbench.services.diagnosis import bundle_path
from workbench.state import RunRecord


def render_diagnose(context: AppContext, view: ModelView, _feed: Feed, query: Mapping[str, str]) -> Component:
    """`?run=<id>&beside=<id>`; without a run the newest with diagnostics. Raises CommandError not_found for runs that the model has not."""
    workbench = context.workbench
    run, other = runs_asked(view.runs, query)
    run = run or next((run for run in view.runs if bundle_path(workbench, run) is not None), view.latest)
    has_bundle = run is not None and bundle_path(workbench, run) is not None
    places = places_of(view.family.figures, workbench.models.resolved(run), view.held) if run else ()
    beside = None
    if other is not None and other is not run:
        there = bundle_path(workbench, other) is not None
        beside = Beside(other, places_of(view.family.figures, workbench.models.resolved(other), view.held) if there else ())
    reason = None if run is None or has_bundle else why_not(workbench.state(), run.id)
    return diagnose(run, view.runs, places, has_bundle=has_bundle, base=f"/model/{view.record.id}/diagnose", why_not=reason, beside=beside)


def runs_asked(runs: tuple[RunRecord, ...], query: Mapping[str, str]) -> tuple[RunRecord | None, RunRecord | None]:
    """The runs of a model that an address names, and the one beside it. Raises CommandError not_found."""
    by_id = {run.id: run for run in runs}
    return chosen(by_id, query, "run"), chosen(by_id, query, "beside", "run")


def find_diagnosed(context: AppContext, model_id: str, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found for runs that the model has not."""
    runs_asked(context.workbench.state().runs_of(model_id), query)
