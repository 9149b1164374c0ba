"""Whoever asks which runs have ended is told each once."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from dashboard.pages.page import find
from dashboard.pages.registry import all_pages
from tests.workbench.runs import inline
from workbench.commands.run_progress import MarkInterruptedCommand, MarkRunningCommand
from workbench.workbench import Workbench


def test_a_run_that_ended_is_told_once_and_the_first_time_nothing_is(client: TestClient, model: dict[str, Any], bench: Workbench) -> None:
    first = client.get("/api/endings").json()
    assert first == {"items": [], "next": bench.state().version}
    bench.runs.start(actor="me", model_id=model["id"])
    inline.register(bench)
    held = inline.claim_one(bench)
    held.execute(MarkRunningCommand(run_id=held.lease.run_id, attempt=1))
    going = client.get(f"/api/endings?after={first['next']}").json()
    assert going["items"] == []
    held.execute(MarkInterruptedCommand(run_id=held.lease.run_id, attempt=1, reason="gone", duration_seconds=1.0))
    told = client.get(f"/api/endings?after={going['next']}").json()
    (ending,) = told["items"]
    assert ending["run"] == held.lease.run_id
    assert ending["title"] == "Run #1 of first: interrupted"
    assert (ending["kind"], ending["sweep"], ending["page"]) == ("run_ended", "", f"/run/{held.lease.run_id}")
    assert find(all_pages(), ending["page"]), "it leads to a page"
    assert client.get(f"/api/endings?after={told['next']}").json()["items"] == []
    assert client.get("/api/endings?after=-1").status_code == 422
    assert client.get(f"/api/endings?after={10**17}").json()["items"] == []


def test_of_a_sweep_its_end_is_told_and_its_trials_are_not(client: TestClient, model: dict[str, Any], bench: Workbench) -> None:
    first = client.get("/api/endings").json()["next"]
    sweep = bench.sweeps.create(actor="me", model_id=model["id"], settings={"space": ["learning_rate=0.01..1"], "trials": 1})
    bench.sweeps.driver.look()
    inline.work(bench)
    assert client.get(f"/api/endings?after={first}").json()["items"] == []
    bench.sweeps.driver.look()
    (ending,) = client.get(f"/api/endings?after={first}").json()["items"]
    assert (ending["kind"], ending["run"], ending["sweep"]) == ("sweep_ended", "", sweep.id)
    assert ending["page"] == f"/sweeps/{sweep.id}"
    assert find(all_pages(), ending["page"]), "it leads to a page"
    assert ending["results"].startswith("Best: ")
