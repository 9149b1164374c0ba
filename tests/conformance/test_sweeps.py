"""Settings of every family are searched in the same way: chosen, tried, compared, shown and taken over."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.pages.sweeps import view
from dashboard.pages.sweeps.asking import asking_of, held, new_row, text_of
from dashboard.pages.sweeps.callbacks import graphs
from tests.conformance.cases import CASES, Case
from tests.workbench.runs import inline
from workbench.families import family
from workbench.state import RunState
from workbench.sweeps.proposing import searchable
from workbench.sweeps.records import trials_of

ME = "user:test"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_settings_of_every_family_are_searched(bench: Any, client: Any, case: Case) -> None:
    model = bench.models.create(
        actor=ME, family=case.family, model_type=case.model_type, dataset_id=case.dataset, preset=case.preset, values=case.values,
        sample=case.sample,
    )  # fmt: skip
    bench.runs.executor = inline.NoWorkers()
    asked = asking_of(bench, model.id)
    rate = next(spec for spec in searchable(asked.kind, asked.resolved, architectures=False) if spec.value_type is float)
    row = {**new_row(asked, rate.name), "count": "2"}
    body = {"model_id": model.id, "space": [text_of(row)], "sampler": "grid", "pruner": "none", "trials": 5}
    begun = client.post("/api/sweeps", json=body)
    assert begun.status_code == 201, begun.text
    sweep_id = begun.json()["id"]
    assert held(bench.sweeps.get(sweep_id).space[0])["low"] == row["low"]
    for _ in range(8):
        bench.sweeps.driver.look()
        if bench.sweeps.get(sweep_id).state != "running":
            break
        if any(run.state is RunState.QUEUED for run in bench.state().active_runs):
            inline.work(bench)
    sweep = bench.sweeps.get(sweep_id)
    trials = trials_of(bench.state(), sweep_id)
    assert (sweep.state, [run.trial.told for run in trials if run.trial]) == ("completed", ["completed"] * 2), [
        run.reason for run in trials
    ]
    for run in trials:
        epochs = [told["metrics"][sweep.objective] for told in inline.told(bench, run.id, "epoch")]
        best = (min if sweep.direction == "lower" else max)(epochs)
        assert run.trial
        assert run.trial.value == pytest.approx(best)
    assert bench.models.get(model.id).weights is None
    drawn = graphs(bench, sweep, dark=True)
    assert all("Graph" in str(part) for part in drawn[:2])
    page = view.render_one(AppContext(lambda: bench, bench.settings), sweep_id)
    assert rate.label in str(page)
    assert family(case.family).measures.title(sweep.objective) in str(page)
    used = client.post(f"/api/sweeps/{sweep_id}/use-best").json()
    assert set(used["changed"]) <= {rate.name}
    values = bench.models.resolved(bench.models.get(model.id))
    assert values[rate.name] == bench.sweeps.best(sweep_id).trial.values[rate.name]
