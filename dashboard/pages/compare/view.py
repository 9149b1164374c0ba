"""What the comparison of runs shows, read once from the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dash.development.base_component import Component

from dashboard.about import about_of
from dashboard.context import AppContext
from dashboard.pages.asked import chosen
from dashboard.pages.compare import layout
from dashboard.pages.compare.callbacks import curves_part, parallel_part
from workbench.commands.rules import find as find_record
from workbench.commands.rules import id_of
from workbench.listing.views import KIND, ViewRecord
from workbench.services.comparison import FEWEST, MOST, RunComparison, compare, runs_of
from workbench.state import AppState, Kind, RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/runs/compare?ids=a,b&group=setting&figure=name`, `?view=<id>` for a saved view. Raises CommandError not_found for what is not there."""
    state = context.workbench.state()
    view = view_in(state, query)
    query = {**(view.query if view else {}), **query}
    runs = runs_in(context.workbench, query)
    if not FEWEST <= len(runs) <= MOST:
        return layout.wrong_number(len(runs), FEWEST, MOST)
    found = compare(context.workbench, [run.id for run in runs])
    group, figure = asked_in(found, query)
    return layout.page(context.workbench, found, [about_of(state, run) for run in runs], group=group, figure=figure, view=view)


def find(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found unless all that the address names is there."""
    view = view_in(context.workbench.state(), query)
    query = {**(view.query if view else {}), **query}
    runs = runs_in(context.workbench, query)
    if FEWEST <= len(runs) <= MOST and (query.get("group") or query.get("figure")):
        asked_in(compare(context.workbench, [run.id for run in runs]), query)


def ahead(context: AppContext, query: Mapping[str, str]) -> None:
    """What the callbacks will draw once the page stands."""
    ids = [run.id for run in runs_in(context.workbench, query)]
    curves_part(context.workbench, ids, dark=False)
    parallel_part(context.workbench, ids, dark=False)


def view_in(state: AppState, query: Mapping[str, str]) -> ViewRecord | None:
    """The saved view that an address names, if it names one. Raises CommandError not_found."""
    return find_record(state, KIND, query["view"]) if query.get("view") else None


def asked_in(found: RunComparison, query: Mapping[str, str]) -> tuple[str, str]:
    """The setting by which runs are grouped and the figure that is shown, "" for none. Raises CommandError not_found."""
    chosen({row.path: row for row in found.settings}, query, "group", "setting")
    layout.figure_named(found.runs, query.get("figure", ""))
    return query.get("group", ""), query.get("figure", "")


def runs_in(workbench: Workbench, query: Mapping[str, str]) -> tuple[RunRecord, ...]:
    """The runs that `?ids=` names by id or number, each once, in order. Raises CommandError not_found."""
    state = workbench.state()
    return runs_of(workbench, [id_of(state, Kind.RUN, part.strip()) for part in query.get("ids", "").split(",") if part.strip()])
