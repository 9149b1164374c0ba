"""REST for users: what administrators see to, and what everybody does for themselves."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from tests.dashboard.conftest import ORIGIN
from workbench.people import passwords
from workbench.workbench import Workbench

PASSWORD, OTHER = "correct horse battery", "another long password"


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hash costs is tested elsewhere."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)


@pytest.fixture
def server(bench: Workbench) -> Any:
    from dashboard.server import create_server

    return create_server(bench.settings, bench)


def as_user(server: Any, name: str, password: str = PASSWORD) -> TestClient:
    """A browser in which a user is logged in."""
    made = TestClient(server, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)
    assert made.post("/login", json={"name": name, "password": password}).status_code == 200
    return made


@pytest.fixture
def ann(server: Any, bench: Workbench) -> TestClient:
    """An administrator's browser."""
    bench.people.add(by="user:ann", name="ann", role="administer", password=PASSWORD)
    return as_user(server, "ann")


def test_without_users_nobody_is_somebody_and_none_is_added_from_outside(client: TestClient) -> None:
    assert client.get("/api/me").status_code == 404
    assert client.get("/api/users").json()["items"] == []
    refused = client.post("/api/users", json={"name": "eve", "role": "administer", "password": PASSWORD})
    assert refused.status_code == 403
    assert "trellis users add" in refused.json()["error"]["hint"]
    assert client.get("/api/users").json()["total"] == 0


def test_an_administrator_adds_changes_and_disables_users(ann: TestClient, server: Any) -> None:
    made = ann.post("/api/users", json={"name": "Ted", "role": "train", "display_name": "Ted T.", "password": PASSWORD})
    assert (made.status_code, made.headers["location"]) == (201, "/api/users/ted")
    assert ann.post("/api/users", json={"name": "ted", "role": "read"}).status_code == 409
    assert ann.post("/api/users", json={"name": "x", "role": "king"}).status_code == 422
    ted = as_user(server, "ted")
    assert ted.get("/api/me").json()["role"] == "train"
    assert ted.get("/api/users").status_code == ted.patch("/api/users/ted", json={"role": "administer"}).status_code == 403
    assert ann.patch("/api/users/ted", json={"role": "label"}).json()["role"] == "label"
    assert ted.get("/api/me").json()["role"] == "label"
    assert ann.get("/api/users/ted/sessions").json()["total"] == 1
    assert ann.patch("/api/users/ted", json={"disabled": True}).json()["disabled"] is True
    assert ted.get("/api/me").status_code == 401
    assert ann.patch("/api/users/ann", json={"role": "read"}).status_code == 409
    assert ann.get("/api/users/nobody").status_code == 404
    assert [u["name"] for u in ann.get("/api/users?sort=-name&limit=1").json()["items"]] == ["ted"]


def test_no_answer_holds_a_secret_but_that_to_who_made_the_token(ann: TestClient) -> None:
    made = ann.post("/api/me/tokens", json={"name": "nightly", "days": 30})
    secret = made.json()["token"]
    assert made.headers["cache-control"] == "no-store"
    ann.patch("/api/me", json={"display_name": "Ann Ames"})
    answers = "".join(ann.get(f"/api/{path}").text for path in ("me", "me/tokens", "me/sessions", "users", "users/ann", "users/ann/tokens"))
    assert "nightly" in answers
    assert "Ann Ames" in answers
    assert secret not in answers
    assert "argon2" not in answers
    assert "hash" not in answers.replace("has_password", "")


def test_a_user_changes_their_own_password_knowing_the_present_one(ann: TestClient, server: Any) -> None:
    elsewhere = as_user(server, "ann")
    wrong = ann.post("/api/me/password", json={"current": "not this one", "password": OTHER})
    assert wrong.status_code == 422
    assert wrong.json()["error"]["fields"][0]["path"] == "current"
    assert ann.post("/api/me/password", json={"current": PASSWORD, "password": OTHER}).status_code == 200
    assert ann.get("/api/me").status_code == 200, "the browser that changed it goes on"
    assert elsewhere.get("/api/me").status_code == 401
    as_user(server, "ann", OTHER)


def test_guessing_the_present_password_from_an_open_browser_is_limited(ann: TestClient) -> None:
    guesses = [ann.post("/api/me/password", json={"current": f"guess number {n}", "password": OTHER}).status_code for n in range(11)]
    assert guesses == [422] * 10 + [409]
    assert ann.post("/api/me/password", json={"current": PASSWORD, "password": OTHER}).status_code == 409


def test_sessions_are_listed_and_ended(ann: TestClient, server: Any) -> None:
    second, third = as_user(server, "ann"), as_user(server, "ann")
    found = ann.get("/api/me/sessions").json()["items"]
    assert [each["current"] for each in found].count(True) == 1
    mine = next(each["id"] for each in second.get("/api/me/sessions").json()["items"] if each["current"])
    assert ann.delete(f"/api/me/sessions/{mine}").status_code == 204
    assert second.get("/api/me").status_code == 401
    assert ann.delete(f"/api/me/sessions/{mine}").status_code == 404
    assert ann.delete("/api/me/sessions").json() == {"ended": 1}
    assert third.get("/api/me").status_code == 401
    assert ann.get("/api/me").status_code == 200


def test_a_token_does_not_make_itself_at_home(ann: TestClient, server: Any) -> None:
    secret = ann.post("/api/me/tokens", json={"name": "script"}).json()["token"]
    program = TestClient(server, base_url=ORIGIN, headers={"authorization": f"Bearer {secret}"})
    assert program.get("/api/me").json()["name"] == "ann"
    assert program.post("/api/me/tokens", json={"name": "another"}).status_code == 403
    assert program.post("/api/me/password", json={"current": PASSWORD, "password": OTHER}).status_code == 403
