"""REST for runs: one active run a model, events by cursor, files within the run's folder only."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def run(client: TestClient, model: dict[str, Any]) -> dict[str, Any]:
    """A queued run of the model."""
    answer = client.post("/api/runs", json={"model_id": model["id"]})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_started_run_is_queued_with_a_snapshot_of_the_config(client: TestClient, model: dict[str, Any], run: dict[str, Any]) -> None:
    assert run["state"] == "queued"
    assert run["training"] == model["training"]
    client.patch(f"/api/models/{model['id']}", json={"training": {"learning_rate": 0.5}})
    assert client.get(f"/api/runs/{run['id']}").json()["training"] == model["training"]


def test_an_edit_while_a_run_is_active_says_that_it_waits(client: TestClient, model: dict[str, Any], run: dict[str, Any]) -> None:
    answer = client.patch(f"/api/models/{model['id']}", json={"training": {"learning_rate": 0.5}})
    assert answer.json()["applies_from"] == "next run"


def test_starting_twice_is_a_conflict_and_makes_no_second_run(client: TestClient, model: dict[str, Any], run: dict[str, Any]) -> None:
    answer = client.post("/api/runs", json={"model_id": model["id"]})
    assert answer.status_code == 409
    assert client.get("/api/runs").json()["total"] == 1


def test_a_model_with_an_active_run_cannot_be_deleted(client: TestClient, model: dict[str, Any], run: dict[str, Any]) -> None:
    assert client.delete(f"/api/models/{model['id']}").status_code == 409
    assert client.delete(f"/api/runs/{run['id']}").status_code == 409


def test_a_queued_run_stops_at_once(client: TestClient, run: dict[str, Any]) -> None:
    assert client.post(f"/api/runs/{run['id']}/stop").json()["state"] == "stopped"
    assert client.post(f"/api/runs/{run['id']}/stop").status_code == 409


def test_a_run_without_a_checkpoint_cannot_be_resumed(client: TestClient, run: dict[str, Any]) -> None:
    client.post(f"/api/runs/{run['id']}/stop")
    assert client.post(f"/api/runs/{run['id']}/resume").status_code == 409


def test_notes_and_tags_change_together_under_the_version_seen(client: TestClient, run: dict[str, Any]) -> None:
    seen = {"If-Match": f'"{run["version"]}"'}
    answer = client.patch(f"/api/runs/{run['id']}", json={"note": "n", "tags": ["t"]}, headers=seen)
    assert (answer.json()["note"], answer.json()["tags"]) == ("n", ["t"])
    assert client.patch(f"/api/runs/{run['id']}", json={"note": "m"}, headers=seen).status_code == 409


def test_events_of_a_queued_run_are_an_empty_page(client: TestClient, run: dict[str, Any]) -> None:
    page = client.get(f"/api/runs/{run['id']}/events", params={"after": 0}).json()
    assert not page["ended"]
    assert client.get(f"/api/runs/{run['id']}/events", params={"after": page["next"]}).json()["items"] == []


@pytest.mark.parametrize("name", ["..%2f..%2fstore.db", "%2e%2e%2fmanifest.json", "%2fetc%2fpasswd", "nothing.txt"])
def test_no_file_outside_the_runs_folder_is_served(client: TestClient, run: dict[str, Any], name: str) -> None:
    assert client.get(f"/api/runs/{run['id']}/artefacts/{name}").status_code == 404


def test_the_labels_of_a_run_can_be_downloaded(client: TestClient, run: dict[str, Any]) -> None:
    listed = client.get(f"/api/runs/{run['id']}/artefacts").json()
    entry = next(i for i in listed["items"] if i["name"] == "labels.npz")
    answer = client.get(f"/api/runs/{run['id']}/artefacts/labels.npz")
    assert answer.status_code == 200
    assert len(answer.content) == entry["size"]
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_state_that_no_run_can_have_is_refused(client: Any) -> None:
    assert client.get("/api/runs?state=stopped").status_code == 200
    assert client.get("/api/runs?state=foo").status_code == 422


def test_runs_are_compared(client: TestClient, model: dict[str, Any], run: dict[str, Any]) -> None:
    client.post(f"/api/runs/{run['id']}/stop")
    client.patch(f"/api/models/{model['id']}", json={"training": {"learning_rate": 0.5}})
    other = client.post("/api/runs", json={"model_id": model["id"]}).json()
    found = client.get("/api/runs/compare", params={"ids": f"{run['id']},{other['id']}"}).json()
    assert [each["number"] for each in found["runs"]] == [1, 2]
    (setting,) = [each for each in found["settings"] if each["differs"]]
    assert (setting["path"], setting["values"]) == ("learning_rate", [model["training"]["learning_rate"], 0.5])


@pytest.mark.parametrize(("ids", "status"), [("", 422), ("{run}", 422), ("{run},run_0000000000000", 404)])
def test_what_cannot_be_compared_is_refused(client: TestClient, run: dict[str, Any], ids: str, status: int) -> None:
    assert client.get("/api/runs/compare", params={"ids": ids.format(run=run["id"])}).status_code == status


def test_runs_are_chosen_by_an_expression_and_a_wrong_one_is_refused_at_its_place(client: TestClient, run: dict[str, Any]) -> None:
    assert client.get("/api/runs", params={"where": "state = queued and learning_rate > 0"}).json()["total"] == 1
    assert client.get("/api/runs", params={"where": "not state = queued"}).json()["total"] == 0
    answer = client.get("/api/runs", params={"where": "state = queued and lerning_rate > 0"})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert "“lerning_rate” at character 20" in error["message"]
    assert "learning_rate" in str(error)
    assert client.get("/api/runs", params={"where": "(" * 10_000}).status_code == 422


def test_the_columns_that_an_expression_can_name_are_listed(client: TestClient, run: dict[str, Any]) -> None:
    found = client.get("/api/runs/columns").json()
    assert found["total"] == len(found["items"])
    by_key = {column["key"]: column for column in found["items"]}
    assert (by_key["duration"]["kind"], by_key["learning_rate"]["source"]) == ("duration", "setting")
