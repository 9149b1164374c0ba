"""The list of tests of one request: reads the state and gives rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import recent
from dashboard.families.recsys.pages.tests.recent import PAGE_ROWS, Filters, Listed, Row
from dashboard.families.recsys.quick_test_views import quick_test_items
from recsys.model.architecture import TYPE_CHOICES
from recsys.records import FEATURES, MODELS
from workbench.ids import new_id
from workbench.kept import Recent, Same
from workbench.state import Kind, RunRecord

_LOSSES_KEPT = 10_000
"""Tests that have ended whose last loss is held."""


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/tests`; `?q=&status=&kind=&features=&model=` filter."""
    filters = Filters.of(query or {})
    runs = recommenders(context.workbench).tests.list()
    return recent.page(listed(context, filters), filters, known=known(context), any_test=bool(runs))


def asks(context: AppContext, _query: Mapping[str, str]) -> dict[str, Collection[str] | None]:
    """What an address may say."""
    state = context.workbench.state()
    kinds = [key for key, _, _ in TYPE_CHOICES]
    return {"q": None, "status": recent.STATUSES, "kind": kinds, "features": state.of(FEATURES), "model": state.of(MODELS)}


def listed(context: AppContext, filters: Filters, most: int = PAGE_ROWS) -> Listed:
    """The newest tests that filters take, at most so many, and how many there are of them."""
    runs = recommenders(context.workbench).tests.list()
    taken = [pair for pair in zip(quick_test_items(context.workbench, runs), runs, strict=True) if filters.take(pair[0])]
    return Listed([Row(item, run, loss_of(context, run), new_id(Kind.RUN)) for item, run in taken[:most]], len(taken))


def loss_of(context: AppContext, run: RunRecord) -> float | None:
    """A test's last loss; None before its first epoch."""
    if run.state.active:
        return _last_loss(context, run)
    return context.workbench.kept.of(_Losses).get(Same(run), lambda: _last_loss(context, run))


class _Losses(Recent):
    """Last losses of tests that have ended: their events grow no more until a resume makes another record of them."""

    def __init__(self) -> None:
        super().__init__(_LOSSES_KEPT)


def _last_loss(context: AppContext, run: RunRecord) -> float | None:
    told = context.workbench.runs.latest(run.id, ("epoch",))
    return told[-1].payload["metrics"].get("train/loss") if told else None


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
