"""REST for labels: set and cleared together, test rows never, all or none."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from workbench.workbench import Workbench


def rows(bench: Workbench, model: dict[str, Any]) -> Any:
    """The model's index sets."""
    return bench.models.read(bench.models.get(model["id"]))


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
    assert answer.json()["items"] == [{"index": free, "label": 3, "class_name": "3", "source": "person", "proposed_by": None}]
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


@pytest.mark.parametrize(
    "body",
    [
        {"set": {"1": 4, "01": 5}},
        {"set": {"\u0661": 4}},
        {"set": {"1": True}},
        {"set": {"1": 4.0}},
        {"set": {"1": "4"}},
        {"set": {"true": 4}},
        {"clear": [True]},
        {"clear": [1.0]},
    ],
)
def test_only_plain_whole_numbers_are_rows_and_classes(
    client: TestClient, bench: Workbench, model: dict[str, Any], body: dict[str, Any]
) -> None:
    before = dict(bench.models.labels(model["id"]))
    assert client.patch(f"/api/models/{model['id']}/labels", json=body).status_code == 422
    assert dict(bench.models.labels(model["id"])) == before


def test_labels_go_out_as_csv_and_come_in_again(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    url = f"/api/models/{model['id']}/labels/csv"
    answer = client.get(url)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines()[0] == "index,label"
    before = {index: value.label for index, value in bench.models.labels(model["id"]).items()}
    headers = {"content-type": "text/csv"}
    again = client.post(url, content=answer.content.replace(b",", b";").replace(b"\n", b"\r\n"), headers=headers)
    assert again.json() == {"labelled": 128}
    assert {index: value.label for index, value in bench.models.labels(model["id"]).items()} == before


def test_bad_lines_of_csv_are_all_told_and_nothing_is_applied(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    before = dict(bench.models.labels(model["id"]))
    train, test = (int(getattr(rows(bench, model), split)[0]) for split in ("train", "test"))
    text = f"index,label\n{train},3\n{test},3\n{train},dragon\nx,1\n"
    answer = client.post(f"/api/models/{model['id']}/labels/csv", content=text, headers={"content-type": "text/csv"})
    assert answer.status_code == 422
    told = answer.json()["error"]
    assert all(line in str(told) for line in ("line 3", "line 4", "line 5"))
    assert dict(bench.models.labels(model["id"])) == before
    missing = client.post("/api/models/model_0000000000000/labels/csv", content=text, headers={"content-type": "text/csv"})
    assert missing.status_code == 404


def test_classes_are_renamed_and_merged(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    url = f"/api/models/{model['id']}/classes"
    renamed = client.patch(f"{url}/3", json={"name": "three"})
    assert (renamed.status_code, renamed.json()["class_names"][3], renamed.json()["merged"]) == (200, "three", {})
    merged = client.patch(f"{url}/3", json={"merge_into": 8}).json()
    assert merged["merged"] == {"3": 8}
    assert 3 not in {value.label for value in bench.models.labels(model["id"]).values()}
    for number, body, status in ((3, {"name": "x"}, 409), (99, {"name": "x"}, 404), (1, {}, 422), (1, {"name": "x", "merge_into": 2}, 422)):
        assert client.patch(f"{url}/{number}", json=body).status_code == status
    assert not bench.runs.preflight(model["id"]), "a merged class needs no labels to train"


def test_what_proposed_a_label_stays_with_it_as_long_as_it_stands(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    a, b, c = [int(i) for i in rows(bench, model).train if int(i) not in bench.models.labels(model["id"])][:3]
    proposal = {"strategy": "margin", "run": "run_1", "score": -0.25}
    steps = [{"key": f"step-000{row}", "set": {row: 7}, "proposal": proposal} for row in (a, b, c)]
    steps += [{"key": "step-then", "set": {str(b): 8}}, {"key": "step-clear", "clear": [c]}, {"key": "step-undo", "walk": "undo"}]
    assert client.post(f"/explore/{model['id']}/labels", json={"since": 0, "steps": steps}).status_code == 200
    listed = client.get(f"/api/models/{model['id']}/labels?limit=500").json()["items"]
    assert {item["index"]: item["proposed_by"] for item in listed if item["proposed_by"]} == {a: proposal, c: proposal}
    text = client.get(f"/api/models/{model['id']}/labels/csv?proposals=true").text
    assert text.startswith("index,label,strategy,run,score\n")
    assert f"\n{a},7,margin,run_1,-0.25\n" in text
    assert f"\n{b},8,,,\n" in text
    assert client.get(f"/api/models/{model['id']}/labels/csv").text.startswith("index,label\n")
