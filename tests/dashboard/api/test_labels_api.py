"""REST for labels: set and cleared together, test rows never, all or none."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from workbench.workbench import Workbench


def rows(bench: Workbench, model: dict[str, Any]) -> Any:
    """The model's index sets."""
    return bench.models.sample_rows(bench.models.get(model["id"]))


def test_given_labels_are_listed_with_their_class_and_source(client: TestClient, model: dict[str, Any]) -> None:
    page = client.get(f"/api/models/{model['id']}/labels", params={"limit": 500}).json()
    assert page["total"] == model["n_labels"] == 128
    assert {item["source"] for item in page["items"]} == {"given"}


def test_labels_are_set_and_cleared_in_one_request(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    url = f"/api/models/{model['id']}/labels"
    given = client.get(url).json()["items"][0]["index"]
    free = next(int(i) for i in rows(bench, model).train if int(i) not in bench.models.labels(model["id"]))
    answer = client.patch(url, json={"set": {str(free): 3}, "clear": [given]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"] == [{"index": free, "label": 3, "class_name": "3", "source": "person"}]
    labels = bench.models.labels(model["id"])
    assert given not in labels
    assert labels[free].label == 3


def test_a_test_row_cannot_be_labelled_and_nothing_else_is(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    sample = rows(bench, model)
    before = dict(bench.models.labels(model["id"]))
    wanted = {str(int(sample.test[0])): 1, str(int(sample.train[0])): 1}
    assert client.patch(f"/api/models/{model['id']}/labels", json={"set": wanted}).status_code == 422
    assert dict(bench.models.labels(model["id"])) == before


def test_a_class_is_added_while_the_model_lives_until_components_run_out(client: TestClient, model: dict[str, Any]) -> None:
    url = f"/api/models/{model['id']}/classes"
    assert client.post(url, json={"name": "odd"}).json()["class_names"][-1] == "odd"
    assert client.post(url, json={"name": "odder"}).status_code == 201
    refused = client.post(url, json={"name": "oddest"})
    assert refused.status_code in (409, 422)
    assert "component" in refused.json()["error"]["message"]
