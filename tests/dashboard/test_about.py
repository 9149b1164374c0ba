"""Where pages lead to from a run: its results, where its family has a page for them."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.about import results_of
from dashboard.families.traffic.pages import addresses
from dashboard.live.feed import Feed
from dashboard.live.status import metrics_strip
from dashboard.pages.model.diagnose import run_chooser
from tests.support.records import run_record
from tests.support.trees import found
from workbench.state import RunRecord, RunState

HEADLINE = {"test/masked_mae@null=nan/avg": 3.0}


def forecast(**changes: Any) -> RunRecord:
    return run_record(**{"family": "traffic", "model_type": "lstm", "state": RunState.COMPLETED, "headline": HEADLINE, **changes})


def links(node: Any) -> list[str]:
    return [part.href for part in found(node, lambda part: getattr(part, "href", None))]


def test_a_measured_forecast_leads_to_its_forecasts_from_the_header_and_the_figures_of_its_model() -> None:
    run = forecast()
    results = results_of(run)
    assert results is not None
    assert results == ("Forecasts", addresses.one_run(run.id))
    assert results.href in links(metrics_strip(run, Feed()))
    assert results.href in links(run_chooser(run, [run]))


@pytest.mark.parametrize(
    "run", [forecast(state=RunState.RUNNING), forecast(headline={}), run_record(state=RunState.COMPLETED, headline=HEADLINE)]
)
def test_a_run_without_results_or_without_a_page_for_them_leads_nowhere(run: RunRecord) -> None:
    assert results_of(run) is None
    assert links(metrics_strip(run, Feed())) == [f"/run/{run.id}"]
    assert links(run_chooser(run, [run])) == [f"/run/{run.id}"]
