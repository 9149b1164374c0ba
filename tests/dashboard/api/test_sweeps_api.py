"""REST for sweeps."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from workbench.workbench import Workbench

SPACE = ["learning_rate=1e-4..1e-2:log", "training.batch_size=32,64"]


@pytest.fixture
def sweep(client: TestClient, model: dict[str, Any]) -> dict[str, Any]:
    """A sweep of the model that runs, without anybody who drives it."""
    answer = client.post("/api/sweeps", json={"model_id": model["id"], "space": SPACE, "trials": 3, "pruner": "none"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/sweeps/{answer.json()['id']}"
    return answer.json()


def test_a_sweep_is_started_listed_stopped_and_resumed(client: TestClient, bench: Workbench, sweep: dict[str, Any]) -> None:
    assert sweep["space"] == ["learning_rate=0.0001..0.01:log", "batch_size=32,64"]
    assert (sweep["state"], sweep["objective"], sweep["direction"], sweep["trials_begun"]) == ("running", "validation/loss", "lower", 0)
    bench.sweeps.driver.look()
    trials = client.get(f"/api/sweeps/{sweep['id']}/trials").json()
    assert [(trial["number"], trial["state"]) for trial in trials["items"]] == [(1, "queued")]
    assert client.get(f"/api/runs/{trials['items'][0]['run_id']}").json()["state"] == "queued"
    listed = client.get("/api/sweeps", params={"model_id": sweep["model_id"], "state": "running"}).json()
    assert [item["trials_begun"] for item in listed["items"]] == [1]
    assert client.delete(f"/api/sweeps/{sweep['id']}").status_code == 409
    stopped = client.post(f"/api/sweeps/{sweep['number']}/stop")
    assert stopped.json()["state"] == "stopped"
    assert client.post(f"/api/sweeps/{sweep['id']}/stop").status_code == 409
    resumed = client.post(f"/api/sweeps/{sweep['id']}/resume", json={"trials": 5})
    assert (resumed.json()["state"], resumed.json()["trials"]) == ("running", 5)


def test_a_sweep_is_deleted_and_restored(client: TestClient, sweep: dict[str, Any]) -> None:
    client.post(f"/api/sweeps/{sweep['id']}/stop")
    assert client.delete(f"/api/sweeps/{sweep['id']}").status_code == 204
    assert client.get(f"/api/sweeps/{sweep['id']}").status_code == 404
    assert client.get("/api/sweeps").json()["total"] == 0
    assert client.post(f"/api/sweeps/{sweep['id']}/restore").json()["name"] == sweep["name"]


def test_every_mistake_is_told_with_its_path(client: TestClient, model: dict[str, Any]) -> None:
    body = {"model_id": model["id"], "space": ["learning_rat=1..2", "latent_dim=2..8"], "sampler": "tpf", "trials": 0}
    answer = client.post("/api/sweeps", json=body)
    assert answer.status_code == 422
    assert {field["path"] for field in answer.json()["error"]["fields"]} == {"learning_rat", "latent_dim", "sampler", "trials"}
    assert client.post("/api/sweeps", json={**body, "trails": 3}).status_code == 422


def test_nothing_is_the_best_before_a_trial_has_ended(client: TestClient, sweep: dict[str, Any]) -> None:
    assert client.post(f"/api/sweeps/{sweep['id']}/use-best").status_code == 409
    assert client.get(f"/api/sweeps/{sweep['id']}/importances").json() == {"items": {}}


def test_a_model_with_a_trial_under_way_cannot_be_deleted(client: TestClient, bench: Workbench, sweep: dict[str, Any]) -> None:
    bench.sweeps.driver.look()
    assert client.delete(f"/api/models/{sweep['model_id']}").status_code == 409


def test_a_sweep_is_renamed(client: TestClient, sweep: dict[str, Any]) -> None:
    answer = client.patch(f"/api/sweeps/{sweep['id']}", json={"name": "Rates"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Rates")
    assert client.patch(f"/api/sweeps/{sweep['id']}", json={"name": " "}).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"trials": True}, {"trials": "2"}, {"seed": 1.5}, {"minutes": True}, {"space": [f"dropout_rate={'[' * 900}"]}]
)
def test_numbers_are_no_truth_values_and_choices_have_an_end(client: TestClient, model: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert client.post("/api/sweeps", json={"model_id": model["id"], "space": SPACE, **wrong}).status_code == 422


def test_a_loss_whose_weights_are_searched_asks_for_a_yes(client: TestClient, model: dict[str, Any]) -> None:
    asked = {"model_id": model["id"], "space": ["recon_weight=0.001..10:log"]}
    refused = client.post("/api/sweeps", json=asked)
    assert refused.status_code == 409
    assert "made of what is searched (recon_weight)" in refused.json()["error"]["message"]
    assert client.post("/api/sweeps", json={**asked, "objective": "validation/accuracy"}).status_code == 201
    assert client.post("/api/sweeps", json={**asked, "confirm": True}).status_code == 201
