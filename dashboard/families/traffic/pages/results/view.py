"""The results of one request: reads the state and gives what the pages show."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.traffic.pages.results import compare, listing, one
from dashboard.families.traffic.reading import Result, bundle_of, result_of, results, run_of
from workbench.commands.base import CommandError
from workbench.listing.views import FEWEST, MOST

ROWS = ("runs", "seeds")


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/forecasting/results`."""
    found, all_runs = results(context.workbench)
    known = {result.run.id for result in found if result.errors is not None}
    picked = [id for id in _ids(query.get("picked")) if id in known]
    return listing.page(found, seeds=query.get("rows") == "seeds", picked=picked, all_runs=all_runs)


def asks(_context: AppContext, _query: Mapping[str, str]) -> dict[str, tuple[str, ...] | None]:
    """What the list's address may say."""
    return {"rows": ROWS, "picked": None}


def render_one(context: AppContext, run_id: str, query: Mapping[str, str]) -> Component:
    """`/forecasting/results/<run>`."""
    result = result_of(context.workbench, run_of(context.workbench, run_id))
    bundle = None if result.errors is None else bundle_of(context.workbench, run_id)
    return one.page(result, bundle, None if bundle is None else one.look_of(bundle, query))


def find_one(context: AppContext, run_id: str, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found unless the run is there and has what the address names."""
    result = result_of(context.workbench, run_of(context.workbench, run_id))
    if result.errors is not None:
        one.look_of(bundle_of(context.workbench, run_id), query)


def asks_one(_context: AppContext, _query: Mapping[str, str]) -> dict[str, None]:
    """What a run's address may say; `find_one` looks at what it names."""
    return dict.fromkeys(one.ASKS)


def render_compare(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/forecasting/compare?ids=`."""
    found = _asked(context, query)
    if not FEWEST <= len(found) <= MOST:
        return compare.wrong_number(len(found))
    return compare.page(found)


def find_compare(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found unless every run that the address names is there."""
    _asked(context, query)


def _asked(context: AppContext, query: Mapping[str, str]) -> list[Result]:
    return [result_of(context.workbench, run_of(context.workbench, id)) for id in _ids(query.get("ids"))]


def _ids(text: str | None) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))


def results_of(context: AppContext, ids: list[str]) -> list[Result]:
    """The runs of these ids. Raises CommandError not_found."""
    if not isinstance(ids, list):
        raise CommandError("These are no runs.", "ids")
    return [result_of(context.workbench, run_of(context.workbench, str(id))) for id in ids]
