"""Quick tests over REST; none is trained here, and results are written as a training leaves them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.active import active_runs
from dashboard.live.look import bar_of
from dashboard.live.reader import feed_of
from recsys import histograms
from recsys.service import RecommenderService
from recsys.services import finding
from tests.support.acting import checkpoint, finish, run_to
from workbench.runs import events
from workbench.runs.events import NewEvent
from workbench.services import models as model_service
from workbench.state import RunError
from workbench.workbench import Workbench

HERE = "/api/quick-tests/"
Pair = dict[str, Any]


@pytest.fixture
def pair(feature_config: dict[str, Any], model_config: dict[str, Any]) -> Pair:
    """Both ids of a request."""
    return {"feature_config_id": feature_config["id"], "model_config_id": model_config["id"]}


@pytest.fixture
def test(client: TestClient, pair: Pair) -> dict[str, Any]:
    """A pending test."""
    answer = client.post(HERE, json=pair)
    assert answer.status_code == 201, answer.text
    return answer.json()


def figure(name: str, value: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "reason": None if value is not None else "too few products", "protocol": f"random; {name}"}


def told(recall: float) -> dict[str, Any]:
    return {
        "seen": "all", "counts": {"candidates": 7, "test_rows": 12, "test_users": 5}, "model_type": "retrieval", "oracle_rmse": None,
        "metrics": {
            "model": [figure("recall_at_10", recall), figure("recall_at_100", None)],
            "popularity": [figure("recall_at_10", 0.2)], "oracle": [figure("recall_at_10", 0.9)],
        },
        "about": {"model": "", "popularity": "train counts", "ease": "left out", "oracle": "the shop's own"},
        "lift": {"recall_at_10": {"popularity": {"absolute": recall - 0.2}}},
        "seconds": {"split": 0.5, "train": 2.0}, "vocabulary": [], "history": {"epochs": [], "metrics": {}},
        "warnings": [{"code": "W-04", "severity": "info", "message": "few steps", "action": {"words": "more"}}],
    }  # fmt: skip


def complete(bench: Workbench, id: str, recall: float = 0.5) -> None:
    """Let a test end as a worker does, with results and code."""
    run = run_to(bench, bench.state().runs[id], "running")
    bench.artefacts.write_text(f"runs/{id}/results.json", json.dumps(told(recall)))
    bench.artefacts.write_text(f"runs/{id}/trainer.py", "print(1)\n")
    finish(bench, run, headline={"recall_at_10": recall}, duration_seconds=3.0, epochs_done=5)


def test_a_started_test_is_pending_and_says_what_it_is_made_of(
    client: TestClient, service: RecommenderService, pair: Pair, model_config: dict[str, Any]
) -> None:
    answer = client.post(HERE, json=pair | {"name": "T", "epochs_override": 0, "seed": 7, "exclude_seen": True})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/api/quick-tests/{made['id']}"
    assert (made["status"], made["name"], made["number"], made["epochs"]) == ("pending", "T", 1, 0)
    assert made["config"]["effective"] == {"epochs": 0, "batch_size": 4096, "learning_rate": 0.005}
    assert (made["config"]["settings"]["seed"], made["config"]["settings"]["exclude_seen"]) == (7, "yes")
    assert made["config"]["model_config"]["hash"] == model_config["content_hash"]
    assert (made["metrics"], made["protocol"], made["oracle"], made["error"]) == ({}, None, None, None)
    assert made["estimate"]["text"] == "not calibrated yet"
    shown = client.get(f"{HERE}%23{made['number']}/").json()
    # what was doubtful before the start is told once; the worker says it again with all that it knows
    assert shown | {"warnings": []} == {name: value for name, value in made.items() if name != "estimate"} | {"warnings": []}
    assert [w["code"] for w in made["warnings"]] == ["W-03", "W-09"]
    other = service.tests.start(
        actor="api", feature_config=pair["feature_config_id"], model_config=pair["model_config_id"], name="T",
        settings={"seed": 7, "exclude_seen": "yes"}, overrides={"epochs": 0},
    )  # fmt: skip
    own, differing = service.tests.get(made["id"]), {"id", "number", "key", "created_at", "journal_seq", "updated_at"}
    assert own.model_dump(exclude=differing) == other.model_dump(exclude=differing)
    assert client.get(f"{HERE}{other.id}").json()["snapshot_hash"] == made["snapshot_hash"]


def test_a_split_is_told_in_the_requests_own_words(client: TestClient, pair: Pair) -> None:
    good = client.post(HERE, json=pair | {"split": {"strategy": "random", "seed": 3, "train": 0.7, "val": 0.1, "test": 0.2}})
    assert good.status_code == 201, good.text
    settings = good.json()["config"]["settings"]
    assert (settings["split"], settings["split_seed"], settings["train"], settings["test"]) == ("random", 3, 0.7, 0.2)
    wrong = {"split": {"strategy": "random", "seed": "x", "holdout_days": 0}, "batch_size_override": 0, "sample_percent": 101}
    answer = client.post(HERE, json=pair | wrong)
    assert answer.status_code == 422
    paths = {f["path"] for f in answer.json()["error"]["fields"]}
    assert paths == {"split.seed", "split.holdout_days", "batch_size_override", "sample_percent"}
    unknown = client.post(HERE, json=pair | {"split": {"strategy": "monthly"}}).json()
    assert [f["path"] for f in unknown["error"]["fields"]] == ["split.strategy"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"feature_config_id": 9}, 404),
        ({"model_config_id": "mc_x"}, 404),
        ({"feature_config_id": None}, 422),
        ({"model_config_id": True}, 422),
        ({"wrong": 1}, 422),
        ({"split": {"stategy": "random"}}, 422),
        ({"epochs_override": "3"}, 422),
        ({"exclude_seen": "maybe"}, 422),
    ],
)
def test_a_test_that_cannot_be_is_refused(client: TestClient, pair: Pair, change: Any, status: int) -> None:
    assert client.post(HERE, json=pair | change).status_code == status
    assert client.post(f"{HERE}estimate/", json=pair | change).status_code == (
        200 if change.keys() <= {"epochs_override", "exclude_seen"} else status
    )
    assert client.get(HERE).json()["total"] == 0


def test_a_pair_that_does_not_fit_is_refused_with_the_rules_code(client: TestClient, pair: Pair) -> None:
    rating = client.post("/api/model-configs/", json={"name": "Rates", "model_type": "ranking"}).json()
    client.put(f"/api/feature-configs/{pair['feature_config_id']}/", json={"target_column": None})
    answer = client.post(HERE, json=pair | {"model_config_id": rating["number"]})
    assert answer.status_code == 422
    assert [(f["path"], f["code"]) for f in answer.json()["error"]["fields"]] == [("rating_column", "C-2")]
    estimate = client.post(f"{HERE}estimate/", json=pair | {"model_config_id": rating["number"]}).json()
    assert (estimate["can_start"], [c["code"] for c in estimate["checklist"]]) == (False, ["C-2"])
    assert estimate["duration"]["seconds"] is None


def test_an_estimate_starts_nothing_and_warns_of_what_the_rows_say(client: TestClient, pair: Pair) -> None:
    found = client.post(f"{HERE}estimate/", json=pair | {"learning_rate_override": 0.5}).json()
    assert (found["can_start"], found["needs_confirmation"], found["checklist"]) == (True, False, [])
    # of 120 rows, one a day, the last 30 are test and a tenth of the others validation: 81 to train on, five steps in five epochs
    assert [(w["code"], w["severity"]) for w in found["warnings"]] == [
        ("W-02", "high"), ("W-03", "medium"), ("W-04", "info"), ("W-09", "info"),
    ]  # fmt: skip
    assert [w["message"][:18] for w in found["warnings"][1:]] == ["Only 81 rows to tr", "5 optimiser steps ", "A batch of 4,096 i"]
    fitting = client.post(f"{HERE}estimate/", json=pair | {"batch_size_override": 27, "epochs_override": 100}).json()
    assert [w["code"] for w in fitting["warnings"]] == ["W-03"]
    sampled = client.post(f"{HERE}estimate/", json=pair | {"sample_percent": 50}).json()
    assert sampled["warnings"][0]["message"] == "Only about 40 rows to train on"
    assert client.get(HERE).json()["total"] == 0


def test_a_test_part_of_newcomers_is_told_before_the_start(client: TestClient, pair: Pair) -> None:
    def cold(train: float) -> list[str]:
        split = {"strategy": "random", "train": train, "val": 0.0, "test": 1 - train}
        found = client.post(f"{HERE}estimate/", json=pair | {"split": split}).json()
        return [w["message"].split(" have")[0] for w in found["warnings"] if w["code"] == "W-06"]

    # 12 customers have 10 rows each; of 7 products one has 18 and the others 17
    users, items = 0.82**9, (18 * 0.82**17 + 102 * 0.82**16) / 120
    assert cold(0.18) == [f"About {1 - (1 - users) * (1 - items):.0%} of the test rows"]
    assert cold(0.5) == []


def test_a_key_that_is_sent_twice_starts_one_test(client: TestClient, pair: Pair) -> None:
    first, second = (client.post(HERE, json=pair, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json() == second.json()
    assert [answer.headers.get("idempotent-replay") for answer in (first, second)] == [None, "true"]
    assert first.headers["location"] == second.headers["location"]
    assert client.get(HERE).json()["total"] == 1


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
    monkeypatch.setattr(finding, "memory_limit", lambda: enough["memory"]["expected"])
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
    bar = bar_of(bench.state(), run, feed_of(bench, run.id))
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
    folder = bench.runs.folder(test["id"])
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


def test_history_goes_on_from_a_cursor(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    here = f"{HERE}{test['id']}/history/"
    stages = [{"stage": "train", "status": "running"}]
    with bench.store.transaction() as connection:
        told = [
            NewEvent.now("epoch", epoch=1, metrics={"train/loss": 2.5}),
            NewEvent.now("diagnostics", name="stages", values={"stages": stages}),
        ]
        events.append(connection, test["id"], 1, told)
    first = client.get(here).json()
    assert [(e["epoch"], e["metrics"]) for e in first["items"]] == [(1, {"train/loss": 2.5})]
    assert (first["stages"], first["ended"]) == (stages, False)
    again = client.get(here, params={"after": first["next"]}).json()
    assert (again["items"], again["stages"], again["next"]) == ([], None, first["next"])
    with bench.store.transaction() as connection:
        logs = [NewEvent.now("log", message=f"line {n}") for n in range(20)]
        epochs = [NewEvent.now("epoch", epoch=n, metrics={}) for n in (2, 3, 4)]
        events.append(connection, test["id"], 1, [*logs, epochs[0], *logs, *epochs[1:]])
    two = client.get(here, params={"after": first["next"], "limit": 2}).json()
    assert [e["epoch"] for e in two["items"]] == [2, 3]
    assert [e["epoch"] for e in client.get(here, params={"after": two["next"]}).json()["items"]] == [4]
    assert client.get(here, params={"after": -1}).status_code == 422
    assert client.get(here, params={"before": 1}).status_code == 422


def test_a_test_is_cancelled_repeated_and_deleted(client: TestClient, test: dict[str, Any], pair: Pair) -> None:
    here = f"{HERE}{test['id']}/"
    assert client.delete(here).status_code == 409
    assert client.post(f"{here}cancel/").json()["status"] == "cancelled"
    assert client.post(f"{here}cancel/").status_code == 409
    assert client.get(here).json()["error"]["code"] == "CANCELLED"
    again = client.post(f"{here}rerun/")
    assert (again.status_code, again.json()["number"], again.json()["status"]) == (201, 2, "pending")
    assert again.headers["location"] == f"/api/quick-tests/{again.json()['id']}"
    assert again.json()["snapshot_hash"] == test["snapshot_hash"]
    client.put(f"/api/model-configs/{pair['model_config_id']}/", json={"epochs": 2})
    assert client.post(f"{here}rerun/", json={"mode": "snapshot"}).json()["epochs"] == 5
    assert client.post(f"{here}rerun/", json={"mode": "current"}).json()["epochs"] == 2
    features = f"/api/feature-configs/{pair['feature_config_id']}/"
    assert client.delete(features).status_code == 409
    for active in client.get(HERE, params={"status": "pending"}).json()["items"]:
        client.post(f"{HERE}{active['id']}/cancel/")
    assert client.delete(features).status_code == 204
    assert client.post(f"{here}rerun/", json={"mode": "current"}).status_code == 409
    assert client.get(here).json()["feature_config_id"] is None
    assert client.post(f"{here}rerun/", json={"mode": "other"}).status_code == 422
    late = client.delete(here, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "VERSION_CONFLICT")
    assert client.delete(here, headers={"If-Match": client.get(here).headers["etag"]}).status_code == 204
    assert (client.get(here).status_code, client.post(f"{here}rerun/").status_code, client.post(f"{here}cancel/").status_code) == (404,) * 3


def test_an_interrupted_test_is_resumed_by_its_number(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    here = f"{HERE}{test['number']}/"
    assert client.post(f"{here}resume/").status_code == 409
    assert client.post(f"{HERE}9/resume/").status_code == 404
    run = run_to(bench, bench.state().runs[test["id"]], "running")
    checkpoint(bench, run)
    finish(bench, run, "stopped")
    answer = client.post(f"{here}resume/")
    assert (answer.status_code, answer.json().get("status")) == (200, "pending"), answer.text


def test_what_was_deleted_comes_back(client: TestClient, pair: Pair, test: dict[str, Any]) -> None:
    client.post(f"{HERE}{test['id']}/cancel/")
    for here in (
        f"{HERE}{test['id']}/",
        f"/api/model-configs/{pair['model_config_id']}/",
        f"/api/feature-configs/{pair['feature_config_id']}/",
    ):
        assert client.delete(here).status_code == 204
        assert client.get(here).status_code == 404
        assert client.post(f"{here}restore/").status_code == 200
        assert client.get(here).status_code == 200


def test_tests_are_compared(client: TestClient, bench: Workbench, pair: Pair, test: dict[str, Any]) -> None:
    other = client.post(HERE, json=pair | {"seed": 7, "epochs_override": 1}).json()
    complete(bench, test["id"], 0.5)
    complete(bench, other["id"], 0.6)
    found = client.get(f"{HERE}compare/", params={"ids": f"{test['number']},{other['id']}"}).json()
    rows = {row["name"]: row for row in found["metrics"]}
    assert (rows["recall_at_10"]["values"], rows["recall_at_10"]["best"]) == ([0.5, 0.6], [1])
    assert rows["recall_at_100"]["best"] == []
    (changed,) = found["config_differences"]
    assert {(d["pointer"], d["before"], d["after"]) for d in changed["differences"]} == {
        ("/settings/seed", 42, 7),
        ("/effective/epochs", 5, 1),
    }
    assert found["same_protocol"]
    (pair,) = found["paired"]
    assert (pair["id"], pair["against"], pair["figures"], pair["reason"]) == (other["id"], test["id"], {}, "One of them has no results.")
    for ids in ("1", "1,1", "1,2,3,4,5,6", "", ","):
        assert client.get(f"{HERE}compare/", params={"ids": ids}).status_code == 422
    assert client.get(f"{HERE}compare/", params={"ids": "1,9"}).status_code == 404
    assert client.get(f"{HERE}compare/").status_code == 422


def test_lists_are_filtered(client: TestClient, bench: Workbench, pair: Pair, test: dict[str, Any]) -> None:
    client.post(HERE, json=pair | {"name": "Night"})
    client.post(f"{HERE}1/cancel/")

    def listed(**query: Any) -> list[int]:
        return [item["number"] for item in client.get(HERE, params=query).json()["items"]]

    assert listed() == listed(dataset_id="sales") == listed(model_config_id="1") == listed(model_type="retrieval") == [2, 1]
    assert listed(q="nig") == listed(q="#2") == listed(status="pending") == [2]
    assert listed(sort="number") == [1, 2]
    assert listed(model_type="ranking") == listed(dataset_id="visits") == []
    assert client.get(HERE, params={"status": "queued"}).status_code == 422
    assert client.get(HERE, params={"wrong": 1}).status_code == 422
    assert client.get(HERE, params={"feature_config_id": "77"}).status_code == 404
