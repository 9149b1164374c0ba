"""The list of tests of one request: reads the state and gives rows."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import recent
from dashboard.families.recsys.pages.tests.recent import Filters, Row
from dashboard.families.recsys.quick_test_views import QuickTestItem, quick_test_item
from dashboard.live.reader import feed_of
from recsys.records import FEATURES, MODELS
from workbench.ids import new_id
from workbench.state import Kind, RunRecord


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/tests`; `?q=&status=&kind=&features=&model=` filter."""
    filters = Filters.of(query or {})
    runs = recommenders(context.workbench).tests.list()
    return recent.page(rows_of(context, filters), filters, known=known(context), any_test=bool(runs))


def rows_of(context: AppContext, filters: Filters) -> list[Row]:
    """The tests that filters take, newest first; of those past the page only what counts them."""
    state = context.workbench.state()
    found: list[tuple[QuickTestItem, RunRecord]] = []
    for run in recommenders(context.workbench).tests.list():
        item = quick_test_item(state, run)
        if filters.take(item):
            found.append((item, run))
    shown = {run.id for _, run in found[: recent.PAGE_ROWS]}
    return [Row(item, run, loss_of(context, run) if run.id in shown else None, new_id(Kind.RUN)) for item, run in found]


def loss_of(context: AppContext, run: RunRecord) -> float | None:
    """A test's last loss; None before its first epoch."""
    series = feed_of(context.workbench, run.id).series.get("train/loss")
    return None if series is None else series.last


def known(context: AppContext) -> dict[str, list[tuple[str, str]]]:
    """(id, name) of the configurations that tests used, to filter by."""
    state = context.workbench.state()
    used = {id for run in recommenders(context.workbench).tests.list() for id in run.uses}
    return {
        name: sorted(
            ((r.id, r.name) for r in state.of(kind).values() if r.id in used and r.deleted_at is None),
            key=lambda entry: entry[1].casefold(),
        )  # pyright: ignore[reportAttributeAccessIssue]
        for name, kind in (("features", FEATURES), ("model", MODELS))
    }
