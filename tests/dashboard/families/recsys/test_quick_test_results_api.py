"""What a quick test shows over REST: results, progress, costs, failures, histograms. None is trained here."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.active import active_runs
from dashboard.live.look import bar_of
from dashboard.live.reader import feed_of
from recsys import histograms
from tests.dashboard.families.recsys.quick_testing import HERE, Pair, complete
from tests.support.acting import finish, run_to
from workbench.runs import events
from workbench.runs.events import NewEvent
from workbench.services import models as model_service
from workbench.state import RunError
from workbench.workbench import Workbench


def test_a_completed_test_shows_its_results(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    complete(bench, test["id"])
    found = client.get(f"{HERE}{test['id']}/").json()
    assert (found["status"], found["headline"], found["epochs_done"]) == ("completed", {"recall_at_10": 0.5}, 5)
    assert found["metrics"] == {"recall_at_10": 0.5, "recall_at_100": None}
    assert found["reasons"] == {"recall_at_100": "too few products"}
    assert found["protocol"]["by_metric"]["recall_at_10"] == "random; recall_at_10"
    assert found["baselines"]["popularity"] == {"metrics": {"recall_at_10": 0.2}, "reasons": {}, "about": "train counts"}
    assert (found["baselines"]["ease"]["metrics"], found["baselines"]["ease"]["about"]) == ({}, "left out")
    assert found["oracle"]["metrics"] == {"recall_at_10": 0.9}
    assert found["lift"]["recall_at_10"]["popularity"]["absolute"] == pytest.approx(0.3)
    assert found["timing"] == {"duration_seconds": 3.0, "stages": {"split": 0.5, "train": 2.0}}
    assert [w["code"] for w in found["warnings"]] == ["W-04"]
    code = client.get(f"{HERE}{test['id']}/generated-code/").json()
    digest = hashlib.sha256(b"print(1)\n").hexdigest()
    assert code == {"trainer_code": "print(1)\n", "preprocessing_code": None, "code_hash": digest}
    bench.artefacts.write_text(f"runs/{test['id']}/preprocessing.py", "print(2)\n")
    assert client.get(f"{HERE}{test['id']}/generated-code/").json()["preprocessing_code"] == "print(2)\n"


def test_a_test_says_how_far_it_is(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    def shown() -> tuple[Any, ...]:
        found = client.get(f"{HERE}{test['id']}/").json()
        return found["progress_percent"], found["current_stage"], [s["stage"] for s in found["stages"]]

    assert shown() == (0, None, [])
    run = run_to(bench, bench.state().runs[test["id"]], "running")
    rows = [{"stage": "split", "status": "done", "seconds": 0.5}, {"stage": "train", "status": "running", "seconds": 0.0}]
    told = [
        NewEvent.now("diagnostics", name="stages", values={"stages": rows, "all": [], "percent": 10, "share": 60}),
        NewEvent.now("epoch", epoch=1, total=4, metrics={}),
    ]
    with bench.store.transaction() as connection:
        events.append(connection, test["id"], 1, told)
    assert shown() == (25, "train", ["split", "train"])
    finish(bench, run, duration_seconds=3.0)
    assert shown() == (100, None, ["split", "train"])


def test_a_test_costs_its_time_at_the_price_of_an_hour(
    client: TestClient, bench: Workbench, test: dict[str, Any], pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert test["cost"] == {"usd": 0, "text": "$0.00 · local"}
    monkeypatch.setitem(bench.settings.__dict__, "hourly_price", 36.0)
    assert client.get(f"{HERE}{test['id']}/").json()["cost"] == {"usd": None, "text": "not known yet"}
    complete(bench, test["id"])
    found = client.get(f"{HERE}{test['id']}/").json()["cost"]
    assert (found["usd"], found["text"]) == (pytest.approx(0.03), "$0.03")
    estimate = client.post(f"{HERE}estimate/", json=pair).json()
    assert estimate["cost"] == {"usd": None, "text": "not known yet"}


def test_more_memory_than_there_is_takes_a_yes(client: TestClient, bench: Workbench, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    enough = client.post(f"{HERE}estimate/", json=pair).json()
    assert enough["memory"]["expected"] < 0.7 * enough["memory"]["limit"]
    assert "W-15" not in [w["code"] for w in enough["warnings"]]
    done = client.post(HERE, json=pair).json()
    complete(bench, done["id"])
    monkeypatch.setattr(model_service, "memory_limit", lambda: enough["memory"]["expected"])
    scarce = client.post(f"{HERE}estimate/", json=pair).json()
    assert ("W-15", "high") in [(w["code"], w["severity"]) for w in scarce["warnings"]]
    assert (scarce["can_start"], scarce["needs_confirmation"]) == (True, True)
    asked = {"": pair, f"{done['id']}/rerun/": {}, f"{done['number']}/rerun": {"mode": "current"}, f"{done['id']}/promote/": {}}
    for path, body in asked.items():
        refused = client.post(f"{HERE}{path}", json=body)
        assert refused.status_code == 409, refused.text
        error = refused.json()["error"]
        assert (error["code"], error["fields"][0]["path"], error["fields"][0]["code"]) == ("W-15", "confirm", "W-15")
        assert "GiB that a worker may have" in error["message"]
        assert "confirm" in error["hint"]
    assert client.get(HERE).json()["total"] == 1
    for path, body in asked.items():
        agreed = client.post(f"{HERE}{path}", json=body | {"confirm": True})
        assert agreed.status_code == 201, agreed.text
    assert client.post(HERE, json=pair | {"confirm": "yes"}).status_code == 422


def test_every_place_says_the_same_of_how_far_a_test_is(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    run = run_to(bench, bench.state().runs[test["id"]], "running")
    rows = [{"stage": "split", "status": "done", "seconds": 1.0}, {"stage": "train", "status": "running", "seconds": 0.0}]
    stages = NewEvent.now("diagnostics", name="stages", epoch=0, values={"stages": rows, "all": [], "percent": 20.0, "share": 60.0})
    epoch = NewEvent.now("epoch", epoch=2, total=4, metrics={}, elapsed_seconds=1.0, eta_seconds=9.0)
    with bench.store.transaction() as connection:
        events.append(connection, run.id, 1, [stages, epoch])
    told = client.get(f"{HERE}{run.id}").json()
    assert (told["progress_percent"], told["current_stage"]) == (50.0, "train")
    (active,) = active_runs(bench)
    bar = bar_of(bench, run, feed_of(bench, run.id))
    assert (active.fraction, active.eta_seconds) == (0.5, None)
    assert (bar["value"], bar["width"], bar["words"]) == ("50", "50.0%", "Train · Epoch 2 of 4")


def test_a_models_own_run_takes_the_same_yes(
    client: TestClient, bench: Workbench, test: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(bench, test["id"])
    run = client.post(f"{HERE}{test['id']}/promote", json={}).json()["run"]
    client.post(f"/api/runs/{run['id']}/stop")
    monkeypatch.setattr(model_service, "memory_limit", lambda: 2**30)
    asked = {"model_id": run["model_id"]}
    refused = client.post("/api/runs", json=asked)
    assert refused.status_code == 409, refused.text
    error = refused.json()["error"]
    assert (error["code"], error["fields"][0]["path"]) == ("W-15", "confirm")
    assert client.post("/api/runs", json=asked | {"confirm": 1}).status_code == 422
    assert client.post("/api/runs", json=asked | {"confirm": True}).status_code == 201


def test_a_failed_test_says_where_and_what_to_do(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    run = run_to(bench, bench.state().runs[test["id"]], "running")
    error = RunError(message="The loss is not finite.", traceback="secret", code="NON_FINITE", stage="train", hint="Lower the rate.")
    finish(bench, run, "failed", error=error)
    answer = client.get(f"{HERE}{test['id']}/")
    assert answer.json()["error"] == {
        "code": "NON_FINITE", "message": "The loss is not finite.", "stage": "train", "hint": "Lower the rate.",
    }  # fmt: skip
    assert (answer.json()["status"], "secret" in answer.text) == ("failed", False)


def test_code_that_is_not_there_yet_is_not_found(client: TestClient, test: dict[str, Any]) -> None:
    assert client.get(f"{HERE}{test['id']}/generated-code/").status_code == 404
    for end in ("", "generated-code/", "history/"):
        assert client.get(f"{HERE}9/{end}").status_code == 404


def test_histograms_are_told_by_epoch_or_why_there_are_none(client: TestClient, bench: Workbench, pair: Pair, test: dict[str, Any]) -> None:
    here = f"{HERE}{test['id']}/histograms/"
    none = client.get(here).json()
    assert (none["every"], none["items"]) == (0, [])
    assert "histogram_epochs" in none["reason"]
    folder = Path(bench.runs.where(test["id"]))
    folder.mkdir(parents=True, exist_ok=True)
    bins = {"low": -1.0, "high": 1.0, "counts": [1, 2, 0, 1], "norm": 2.0}
    for epoch in (1, 5):
        histograms.append(folder / histograms.FILE, epoch, [{"name": "buyer_dense_1/kernel", "weights": bins, "gradients": None}])
    found = client.get(here).json()
    assert [one["epoch"] for one in found["items"]] == [1, 5]
    assert found["reason"] is None
    (layer,) = found["items"][0]["layers"]
    assert layer["weights"] == {"edges": [-1.0, -0.5, 0.0, 0.5, 1.0], "counts": [1, 2, 0, 1], "norm": 2.0}
    assert layer["gradients"] is None
    assert [one["epoch"] for one in client.get(here, params={"epoch": 5}).json()["items"]] == [5]
    assert client.get(here, params={"epoch": 0}).status_code == 422
    assert client.get(f"{HERE}9/histograms/").status_code == 404
