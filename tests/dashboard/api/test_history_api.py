"""Undo and redo over REST, and models and runs by their numbers."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from workbench.workbench import Workbench


def test_what_was_done_over_rest_is_taken_back_and_brought_back(client: TestClient, model: dict[str, Any]) -> None:
    here = f"/api/models/{model['id']}"
    assert client.patch(here, json={"name": "second"}).status_code == 200
    undone = client.post("/api/undo/", json={})
    assert undone.status_code == 200, undone.text
    assert "second" in undone.json()["words"]
    assert "second" in undone.json()["redo"]
    assert client.get(here).json()["name"] == "first"
    assert client.post("/api/redo").json()["undo"] == undone.json()["words"]
    assert client.get(here).json()["name"] == "second"
    client.delete(here)
    assert client.get(here).status_code == 404
    client.post("/api/undo")
    assert client.get(here).json()["name"] == "second"


def test_only_what_was_done_over_rest_is_taken_back(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    bench.models.change(actor="browser:1", model_id=model["id"], name="theirs")
    refused = client.post("/api/undo")
    assert refused.status_code == 409
    assert client.get(f"/api/models/{model['id']}").json()["name"] == "theirs"
    assert client.post("/api/redo").json()["error"]["message"] == "There is nothing to redo."


def test_an_undo_that_is_sent_twice_with_one_key_is_made_once(client: TestClient, model: dict[str, Any]) -> None:
    here = f"/api/models/{model['id']}"
    for name in ("second", "third"):
        client.patch(here, json={"name": name})
    first, again = (client.post("/api/undo", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == again.json()
    assert client.get(here).json()["name"] == "second"


def test_models_and_runs_are_found_by_number(client: TestClient, model: dict[str, Any]) -> None:
    number = model["number"]
    for key in (number, f"%23{number}"):
        assert client.get(f"/api/models/{key}").json()["id"] == model["id"]
    assert client.patch(f"/api/models/{number}", json={"name": "second"}).json()["id"] == model["id"]
    assert client.get(f"/api/models/{number}/labels").status_code == 200
    run = client.post("/api/runs", json={"model_id": number}).json()
    assert client.get(f"/api/runs/{run['number']}").json()["id"] == run["id"]
    assert client.get(f"/api/runs/{run['number']}/events").status_code == 200
    missing = client.get("/api/models/99")
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "There is no model #99.")
    assert client.post(f"/api/runs/{run['number']}/stop").status_code == 200
    assert client.delete(f"/api/models/{number}").status_code == 204
    assert client.post(f"/api/models/{number}/restore").status_code == 200


def test_a_model_is_made_of_a_dataset_by_the_name_that_other_routes_use(client: TestClient) -> None:
    made = client.post("/api/models", json={"name": "x", "dataset_id": "digits", "config": {"latent_dim": 3}})
    assert made.status_code == 201, made.text
    assert client.post("/api/models", json={"name": "y", "dataset_id": "nothing"}).status_code == 404
