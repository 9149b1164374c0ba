"""Health, datasets, families, docs, errors and what is refused before it is read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient


def test_health_counts_what_there_is(client: TestClient, model: dict[str, Any]) -> None:
    health = client.get("/api/health").json()
    assert (health["status"], health["models"], health["active_runs"]) == ("ok", 1, 0)


def test_datasets_tell_their_shape_before_they_are_read(client: TestClient) -> None:
    items = {d["id"]: d for d in client.get("/api/datasets").json()["items"]}
    assert items["digits"]["n"] == 1797
    assert items["mnist"]["shape"] == [28, 28, 1]
    assert items["mnist"]["status"] == "available"


def test_a_prepared_dataset_is_ready_with_its_checksum(client: TestClient) -> None:
    answer = client.post("/api/datasets/digits/prepare").json()
    assert answer["status"] == "ready"
    assert re.fullmatch(r"[0-9a-f]{64}", answer["content_sha256"])


def test_every_field_of_the_registry_is_described(client: TestClient) -> None:
    model_type = client.get("/api/families").json()["items"][0]["models"][0]
    fields = {f["name"]: f for f in model_type["fields"]}
    assert fields["latent_dim"]["kind"] == "structural"
    assert fields["latent_dim"]["range"] == "1 to 512"
    assert fields["learning_rate"]["kind"] == "modifiable"
    assert "prior_type" in fields["num_components"]["applies_when"]


def test_the_docs_page_needs_no_outside_file_and_no_inline_script(client: TestClient) -> None:
    page = client.get("/docs").text
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    for source in sources:
        assert source.startswith("/")
        assert client.get(source).status_code == 200
    assert not re.search(r"<script>", page)


def test_a_cross_origin_post_is_refused_and_changes_nothing(client: TestClient) -> None:
    answer = client.post("/api/models", json={}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert client.get("/api/models").json()["total"] == 0


def test_a_foreign_host_is_refused(client: TestClient) -> None:
    assert client.get("/api/health", headers={"Host": "evil.example"}).status_code == 421


def test_a_form_post_is_refused(client: TestClient) -> None:
    assert client.post("/api/models", data={"name": "x"}).status_code == 415


def test_broken_json_is_an_error_in_the_common_shape(client: TestClient) -> None:
    answer = client.post("/api/models", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("body: is not valid JSON: ")


def test_an_unknown_address_is_an_error_in_the_common_shape(client: TestClient) -> None:
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_an_unexpected_failure_shows_no_traceback(client: TestClient, bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(bench), "state", lambda self: broken())
    answer = client.get("/api/health")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_every_route_has_a_written_summary_and_the_docs_lead_back(client: TestClient) -> None:
    operations = [o for item in client.get("/openapi.json").json()["paths"].values() for o in item.values()]
    from_names = [o["summary"] for o in operations if o["summary"].lower().replace(" ", "_") == o["operationId"].split("_api_")[0]]
    assert operations
    assert from_names == []
    assert '<a href="/">' in client.get("/docs").text
