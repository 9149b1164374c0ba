"""REST for exports: listed with sizes and reasons, fetched as files under plain names."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient


def test_exports_are_listed_with_what_stands_in_the_way(client: TestClient, model: dict[str, Any]) -> None:
    found = {item["name"]: item for item in client.get(f"/api/models/{model['id']}/exports").json()["items"]}
    assert found["weights"]["bytes"] is None
    assert "never trained" in found["weights"]["reason"]
    assert found["config"]["reason"] is None
    assert found["config"]["exact"]
    assert found["latents.csv"]["parts"] == ["all", "train", "validation", "test"]


def test_an_export_is_a_file_that_is_never_shown_as_a_page(client: TestClient, model: dict[str, Any]) -> None:
    url = f"/api/models/{model['number']}/exports/labels.csv"
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="first-labels.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.text.splitlines()[0] == "index,label"
    assert len(answer.text.splitlines()) == 129


def test_what_cannot_be_given_is_refused_in_words(client: TestClient, model: dict[str, Any]) -> None:
    base = f"/api/models/{model['id']}/exports"
    assert client.get(f"{base}/weights").status_code == 409
    assert client.get(f"{base}/nothing").status_code == 404
    assert client.get(f"{base}/labels.csv?part=test").status_code == 422
    assert client.get("/api/models/model_0000000000000/exports").status_code == 404
    told = client.get(f"{base}/weights").json()["error"]
    assert told["hint"] == "Train it first."
