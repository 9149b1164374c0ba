"""Quick tests over REST: started, followed, ended and found; none is trained here, and results are written as a training leaves them."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from recsys.service import RecommenderService
from tests.dashboard.families.recsys.quick_testing import HERE, Pair, complete
from tests.support.acting import checkpoint, finish, run_to
from workbench.runs import events
from workbench.runs.events import NewEvent
from workbench.workbench import Workbench


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
