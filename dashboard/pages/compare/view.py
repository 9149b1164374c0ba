"""What the comparison of runs shows, read once from the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dash.development.base_component import Component

from dashboard.about import about_of
from dashboard.context import AppContext
from dashboard.pages.compare import layout
from workbench.services.comparison import FEWEST, MOST, compare, runs_of
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/runs/compare?ids=a,b&group=setting`. Raises CommandError not_found for a run that is not there."""
    runs = runs_in(context.workbench, query)
    if not FEWEST <= len(runs) <= MOST:
        return layout.wrong_number(len(runs), FEWEST, MOST)
    state = context.workbench.state()
    found = compare(context.workbench, [run.id for run in runs])
    return layout.page(found, [about_of(state, run) for run in runs], group=query.get("group", ""))


def runs_in(workbench: Workbench, query: Mapping[str, str]) -> tuple[RunRecord, ...]:
    """The runs that `?ids=` names, each once, in order. Raises CommandError not_found."""
    return runs_of(workbench, [part for part in query.get("ids", "").split(",") if part])
