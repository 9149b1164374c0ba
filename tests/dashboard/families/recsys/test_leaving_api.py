"""What a completed quick test leads to, over REST."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.dashboard.families.recsys.test_quick_tests_api import HERE, complete
from workbench.workbench import Workbench


@pytest.fixture
def test(client: TestClient, bench: Workbench, feature_config: dict[str, Any], model_config: dict[str, Any]) -> dict[str, Any]:
    """A completed test."""
    pair = {"feature_config_id": feature_config["id"], "model_config_id": model_config["id"]}
    made = client.post(HERE, json=pair | {"split": {"strategy": "time_holdout", "holdout_days": 9}}).json()
    complete(bench, made["id"])
    return made


def test_a_test_becomes_a_model_with_a_run_that_say_where_they_come_from(
    client: TestClient, bench: Workbench, test: dict[str, Any]
) -> None:
    body = {"name": "Full", "epochs": 40, "sample_percent": 50, "split": {"strategy": "strict_time", "test_days": 14}}
    answer = client.post(f"{HERE}{test['number']}/promote/", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    origin = {"id": test["id"], "number": test["number"]}
    assert made["promoted_from"] == origin
    assert answer.headers["location"] == f"/api/runs/{made['run']['id']}"
    assert (made["run"]["state"], made["run"]["training"]["epochs"]) == ("queued", 40)
    assert client.get(answer.headers["location"]).json() == made["run"]
    model = client.get(f"/api/models/{made['promoted_model']['id']}").json()
    assert (model["name"], model["promoted_from"]) == ("Full", origin)
    settings = {name: model["settings"][name] for name in ("split", "test_days", "train_days", "sample_percent")}
    assert settings == {"split": "strict_time", "test_days": 14, "train_days": 60, "sample_percent": 50}
    assert client.get(f"{HERE}{test['id']}/").json()["promoted_to"] == [made["promoted_model"]]
    assert client.get(HERE).json()["total"] == 1
    bench.runs.request_stop(actor="me", run_id=made["run"]["id"])
    assert client.delete(f"/api/models/{model['id']}").status_code == 204
    assert client.get(f"{HERE}{test['id']}/").json()["promoted_to"] == []


def test_a_promotion_that_is_sent_twice_makes_one_model(client: TestClient, test: dict[str, Any]) -> None:
    first, second = (client.post(f"{HERE}{test['id']}/promote/", headers={"Idempotency-Key": "p"}) for _ in range(2))
    assert (first.status_code, second.json()) == (201, first.json())
    assert client.get("/api/models").json()["total"] == 1
    assert first.json()["promoted_model"]["name"] == "Mine + Small"


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"epochs": 0}, ["epochs"]),
        ({"epochs": "9"}, ["epochs"]),
        ({"seed": 1}, ["seed"]),
        ({"split": {"strategy": "time_holdout", "holdout_days": 0}, "sample_percent": 500}, ["sample_percent", "split.holdout_days"]),
        ({"sample_unit": "days"}, ["sample_unit"]),
        ({"name": "x" * 101}, ["name"]),
    ],
)
def test_a_full_run_that_cannot_be_is_refused_field_by_field(client: TestClient, test: dict[str, Any], body: Any, paths: list[str]) -> None:
    answer = client.post(f"{HERE}{test['id']}/promote/", json=body)
    assert answer.status_code == 422, answer.text
    assert sorted(f["path"] for f in answer.json()["error"]["fields"]) == paths
    assert client.get("/api/models").json()["total"] == 0


def test_a_test_that_is_pending_or_unknown_is_not_promoted(client: TestClient, test: dict[str, Any]) -> None:
    again = client.post(f"{HERE}{test['id']}/rerun/").json()
    refused = client.post(f"{HERE}{again['id']}/promote/")
    assert (refused.status_code, refused.json()["error"]["fields"][0]["code"]) == (409, "NOT_COMPLETED")
    assert client.post(f"{HERE}77/promote/").status_code == 404
    assert client.post(f"{HERE}{test['id']}/promote/?x=1").status_code == 422
