"""What the Explore tab's scripts say and ask about labels."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from workbench.workbench import Workbench


def free_rows(bench: Workbench, model: dict[str, Any]) -> list[int]:
    known = bench.models.labels(model["id"])
    read: Any = bench.models.read(bench.models.get(model["id"]))
    return [int(i) for i in read.train if int(i) not in known]


def said(since: int, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"since": since, "steps": [{"key": f"step-{since}-{n}", **step} for n, step in enumerate(steps)]}


def test_labels_are_answered_once_they_are_in_the_store(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    a, b = free_rows(bench, model)[:2]
    before = bench.state().version
    answer = client.post(f"/explore/{model['id']}/labels", json=said(before, {"set": {str(a): 7}}, {"set": {str(b): 99}}))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["labels"] == [[a, 7, None]]
    assert (told["version"], told["outcomes"][0]["refused"]) == (before + 1, None)
    assert "99 is not a class" in told["outcomes"][1]["refused"]
    assert bench.models.labels(model["id"])[a].label == 7


def test_another_browser_sees_whose_label_it_is(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    row = free_rows(bench, model)[0]
    before = bench.state().version
    client.post(f"/explore/{model['id']}/labels", json=said(before, {"set": {str(row): 7}}))
    assert client.get(f"/explore/{model['id']}/changes?since={before}").json()["labels"] == [[row, 7, None]]
    client.cookies.clear()
    ((_, label, by),) = client.get(f"/explore/{model['id']}/changes?since={before}").json()["labels"]
    assert label == 7
    assert by.startswith("browser ")


@pytest.mark.parametrize("since", ["", "-1", "x", "1e3"])
def test_since_is_a_whole_number(client: TestClient, model: dict[str, Any], since: str) -> None:
    assert client.get(f"/explore/{model['id']}/changes?since={since}").status_code == 422


def test_what_no_page_says_is_refused(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    version = bench.state().version
    for body in ({}, {"since": 0, "steps": []}, said(0, {"set": {"x": 1}}), said(0, {}), [1]):
        assert client.post(f"/explore/{model['id']}/labels", json=body).status_code == 422
    assert client.post("/explore/nobody/labels", json=said(0, {"clear": [1]})).status_code == 404
    assert bench.state().version == version
