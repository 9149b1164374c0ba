"""A test's page of one request: reads the state and what the test kept."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import test
from dashboard.families.recsys.quick_test_views import quick_test_view, results_of
from dashboard.live.curves import reported
from dashboard.live.feed import Feed
from dashboard.live.panel import stores
from dashboard.live.reader import feed_of
from dashboard.pages.model.diagnose import places_of
from recsys.services.exporting import PREPROCESSING, TRAINER
from workbench.commands.base import CommandError
from workbench.families import Family, Panel, family
from workbench.ids import new_id
from workbench.services.diagnosis import bundle_path
from workbench.state import Kind, RunRecord

_UNMEASURED = {"retrieval": ("rating",), "ranking": ("quality",)}
"""Type of model -> panels of what such a model does not do."""


def render(context: AppContext, test_id: str) -> Component:
    """`/recommenders/tests/<id>`. Raises CommandError not_found."""
    run = recommenders(context.workbench).tests.get(test_id)
    shared = stores(model_id=run.subject.id, run=run, follow_latest=False)
    own = [dcc.Store(id="run-id", data=run.id), dcc.Store(id="run-was-active", data=run.state.active)]
    return html.Div([test.page(shown_of(context, run)), *shared, *own])


def shown_of(context: AppContext, run: RunRecord) -> test.Shown:
    """What a test's page shows. Raises ArtefactError for results that are damaged."""
    workbench, state = context.workbench, context.workbench.state()
    view, declared = quick_test_view(workbench, run), family(run.family)
    dataset = state.datasets.get(view.dataset_id or "")
    resolved, feed = workbench.models.resolved(run), feed_of(workbench, run.id)
    return test.Shown(
        run, view, declared, feed, results_of(workbench, run), dataset.name if dataset else "a deleted dataset",
        (new_id(Kind.RUN), new_id(Kind.RUN), new_id(Kind.RUN), new_id(Kind.MODEL)), sources_of(context, run),
        places_of(declared.figures, dict(resolved), None), panels_of(declared, run, view.model_type, feed), bundle_path(workbench, run) is not None,
        workbench.runs.waiting_words(run),
    )  # fmt: skip


def panels_of(declared: Family, run: RunRecord, model_type: str, feed: Feed) -> list[Panel]:
    """The panels of curves that mean something: of a test that has ended those with something in them."""
    measured = [panel for panel in declared.panels if panel.name not in _UNMEASURED.get(model_type, ())]
    return measured if run.state.active else [panel for panel in measured if reported(panel, feed, declared.measures)]


def sources_of(context: AppContext, run: RunRecord) -> dict[str, str]:
    """The modules that a test ran, as they lie with its results; what it has not generated is missing."""
    found = {}
    for name in (TRAINER, PREPROCESSING):
        try:
            found[name] = context.workbench.runs.artefact_path(run.id, name).read_text("utf-8")
        except (CommandError, OSError):
            continue
    return found
