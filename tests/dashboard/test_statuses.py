from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

UPDATE = "/_dash-update-component"
LONG = "a" * 256


@pytest.mark.parametrize(
    "path", ["/nonsense", f"/{LONG}", "/model/model_x/train", "/run/zzz", f"/model/{LONG}", "/health/x", "/runs/1/2", "/%00"]
)
def test_an_address_that_leads_nowhere_is_a_404_with_the_same_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "react-entry-point" in answer.text


@pytest.mark.parametrize("path", ["/", "/create", "/runs", "/runs/", "/settings", "/help"])
def test_every_page_is_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_models_page_is_found_until_the_model_is_deleted(client: TestClient, bench: Any, digits_model: Any) -> None:
    assert client.get(f"/model/{digits_model.id}").status_code == 200
    assert client.get(f"/model/{digits_model.id}/train").status_code == 200
    bench.models.delete(actor="me", model_id=digits_model.id)
    assert client.get(f"/model/{digits_model.id}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/_dash-component-suites/dash/x.js", "/_dash-component-suites/nope/x.js", f"/_dash-component-suites/dash/{LONG}.js",
        "/_dash-component-suites/dash/%00.js", "/_dash-component-suites/", "/_dash-component-suites/dash/../x.js", "/_dash-nonsense",
        f"/assets/{LONG}", f"/vendor/bootstrap/{LONG}", f"/docs-files/{LONG}", UPDATE,
    ],
)  # fmt: skip
def test_a_file_that_is_not_there_is_a_404_and_never_the_pages(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "react-entry-point" not in answer.text


def callback_of(client: TestClient) -> dict[str, Any]:
    """A callback as the browser sends it: the one that draws a page."""
    known = next(c for c in client.get("/_dash-dependencies").json() if c["output"].startswith("..page.children"))
    return {
        "output": known["output"],
        "outputs": [{"id": "page", "property": "children"}, {"id": "page-meta", "property": "data"}],
        "inputs": [{**one, "value": "/help" if one["property"] == "pathname" else None} for one in known["inputs"]],
        "changedPropIds": ["url.pathname"],
        "state": [],
    }


def test_a_callback_as_the_pages_send_it_is_carried_out(client: TestClient) -> None:
    answer = client.post(UPDATE, json=callback_of(client))
    assert answer.status_code == 200
    assert "page" in answer.json()["response"]


WRONG: dict[str, dict[str, Any]] = {
    "unknown output": {"output": "nothing.children"},
    "output of another type": {"output": ["page.children"]},
    "no inputs": {"inputs": []},
    "inputs that are no list": {"inputs": 5},
    "inputs that are no values": {"inputs": [1, 2, 3]},
    "inputs without a property": {"inputs": [{"id": "url"}, {"id": "url"}, {"id": "refresh"}]},
    "too much state": {"state": [{"id": "x", "property": "y"}]},
    "changes that are no names": {"changedPropIds": [[]]},
    "changes that are no list": {"changedPropIds": 7},
    "outputs that are none": {"outputs": 7},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_callback_that_no_page_can_have_sent_is_a_400(client: TestClient, wrong: dict[str, Any]) -> None:
    answer = client.post(UPDATE, json={**callback_of(client), **wrong})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"1", b'"x"', b"torn", b""])
def test_what_is_no_callback_at_all_is_a_400(client: TestClient, body: bytes) -> None:
    assert client.post(UPDATE, content=body, headers={"content-type": "application/json"}).status_code == 400


def test_what_fails_unforeseen_is_a_sentence_and_no_traceback(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise ZeroDivisionError("/home/someone/secret")

    monkeypatch.setattr("dashboard.statuses.find", fail)
    answer = client.get("/runs")
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.json()["error"]["message"]
    assert "secret" not in answer.text
