"""What the comparison of runs shows, read once from the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dash.development.base_component import Component

from dashboard.about import about_of
from dashboard.context import AppContext
from dashboard.pages.compare import layout
from dashboard.pages.run.view import read_json, run_in
from workbench.comparing import headline_rows, metric_rows, setting_rows
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

FEWEST, MOST = 2, 10


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/runs/compare?ids=a,b&group=setting`. Raises CommandError not_found for a run that is not there."""
    workbench = context.workbench
    runs = runs_in(workbench, query)
    if not FEWEST <= len(runs) <= MOST:
        return layout.wrong_number(len(runs), FEWEST, MOST)
    summaries = [read_json(workbench, run.id, "summary.json").get("metrics", {}) for run in runs]
    state = workbench.state()
    return layout.page(
        runs,
        [about_of(state, run) for run in runs],
        headline_rows(runs),
        metric_rows(runs, summaries),
        setting_rows(runs, [workbench.models.resolved(run) for run in runs]),
        group=query.get("group", ""),
    )


def runs_in(workbench: Workbench, query: Mapping[str, str]) -> tuple[RunRecord, ...]:
    """The runs that `?ids=` names, each once, in order. Raises CommandError not_found."""
    ids = dict.fromkeys(part for part in query.get("ids", "").split(",") if part)
    return tuple(run_in(workbench, id) for id in ids)
