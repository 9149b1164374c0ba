"""What is wrong with a request is said in words: where, and what would be right."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.api.wording import fields_at
from dashboard.families.recsys.start_body import StartQuickTest

TESTS, MODELS = "/api/quick-tests", "/api/model-configs"


@pytest.mark.parametrize(
    ("method", "address", "body", "path", "words"),
    [
        ("post", TESTS, {"model_config_id": 1}, "feature_config_id", "is missing"),
        ("post", TESTS, {"feature_config_id": 1.5, "model_config_id": 1}, "feature_config_id", "must be the record's id as text, or its number"),
        ("post", TESTS, {"feature_config_id": "", "model_config_id": 1}, "feature_config_id", "must be the record's id as text, or its number"),
        ("post", TESTS, {"feature_config_id": 1, "model_config_id": 1, "confirm": "yes"}, "confirm", "must be true or false"),
        ("post", TESTS, {"feature_config_id": 1, "model_config_id": 1, "split": 3}, "split", "must be a JSON object"),
        ("post", f"{TESTS}/1/rerun", {"mode": "as it was"}, "mode", "must be 'snapshot' or 'current'"),
        ("post", MODELS, [1], "body", "must be a JSON object"),
        ("post", MODELS, {"name": 3}, "name", "must be text"),
        ("post", MODELS, {"name": "x", "tags": "a"}, "tags", "must be a list"),
        ("post", MODELS, {"name": "x", "tags": ["a"] * 21}, "tags", "must have at most 20 entries"),
        ("put", f"{MODELS}/1", {"version": "1"}, "version", "must be a whole number"),
        ("put", f"{MODELS}/1", {"version": 0}, "version", "must be at least 1"),
        ("get", f"{TESTS}?limit=many", None, "limit", "must be a whole number"),
        ("get", f"{TESTS}?limit=501", None, "limit", "must be at most 500"),
        ("get", f"{TESTS}?cursor=!", None, "cursor", "leave it out for the first page"),
        ("get", f"{MODELS}/1/versions?since=1", None, "since", "unknown query parameter"),
        ("post", f"{MODELS}/1/versions/x/restore", {}, "number", "must be a whole number"),
    ],
)  # fmt: skip
def test_every_refusal_says_where_and_what_would_be_right(
    client: TestClient, method: str, address: str, body: Any, path: str, words: str
) -> None:
    answer = client.request(method, address, json=body)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    (field,) = error["fields"]
    assert (field["path"], words in field["message"]) == (path, True), field
    assert error["message"] == f"{path}: {field['message']}"
    assert "nput" not in error["message"]


def test_an_etag_that_is_none_says_what_one_looks_like(client: TestClient) -> None:
    answer = client.put(f"{MODELS}/1", json={"epochs": 3}, headers={"If-Match": "3"})
    assert answer.status_code == 422
    assert 'quotes included, such as "3"' in answer.json()["error"]["message"]


def test_unreadable_json_says_where_it_ends_to_be_json(client: TestClient) -> None:
    answer = client.post(MODELS, content='{"name": }', headers={"content-type": "application/json"})
    assert answer.json()["error"]["message"].startswith("body: is not valid JSON")
    assert "character" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "path", "hint"),
    [
        ({"feature_config": 1}, "feature_config", "Did you mean feature_config_id?"),
        ({"split": {"trian": 0.5}}, "split.trian", "Did you mean train?"),
        ({"split": {"zzzzzz": 0.5}}, "split.zzzzzz", "Known fields: strategy, seed, train"),
    ],
)
def test_an_unknown_field_is_told_with_those_of_its_own_place(client: TestClient, body: Any, path: str, hint: str) -> None:
    answer = client.post(TESTS, json={"feature_config_id": 1, "model_config_id": 1, **body})
    error = answer.json()["error"]
    assert [field["path"] for field in error["fields"]] == [path]
    assert error["hint"].startswith(hint)


def test_an_unknown_query_parameter_is_told_with_those_that_there_are(client: TestClient) -> None:
    assert client.get(f"{TESTS}?statsu=failed").json()["error"]["hint"] == "Did you mean status?"
    assert client.get(f"{MODELS}/recipes?x=1").json()["error"]["hint"] == "There are no query parameters here."


def test_the_fields_of_a_place_are_those_of_its_type() -> None:
    assert "epochs_override" in fields_at(StartQuickTest, [])
    assert fields_at(StartQuickTest | None, ["split"])[:2] == ["strategy", "seed"]
    assert fields_at(StartQuickTest, ["name", "more"]) == []
