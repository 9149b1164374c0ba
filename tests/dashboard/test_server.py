from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.opening import Opening
from dashboard.server import create_server
from dashboard.static import STYLESHEET
from workbench.settings import Settings
from workbench.store.errors import StoreError
from workbench.workbench import Workbench


def test_the_first_page_comes_with_every_script_and_style_from_this_server(client: TestClient) -> None:
    page = client.get("/").text
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert links
    assert all(link.startswith("/") and not link.startswith("//") for link in links)
    for link in links:
        assert client.get(link).status_code == 200, link


def test_the_store_is_opened_soon_after_the_start_though_nobody_asked(home: Path) -> None:
    settings = Settings.load(home=home)
    with TestClient(create_server(settings), base_url="http://127.0.0.1"):
        until = time.monotonic() + 30
        while not (home / "trellis.db").exists() and time.monotonic() < until:
            time.sleep(0.01)
    assert Workbench.open(settings).state().datasets


def test_a_store_that_cannot_be_opened_is_told_and_every_answer_that_needs_it_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unforeseen: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", unforeseen.append)
    monkeypatch.setattr("dashboard.server.REST_AFTER_SECONDS", 0.0)
    (home / "trellis.db").write_bytes(b"no database " * 400)
    told: list[StoreError] = []
    heard = threading.Event()

    def hear(error: StoreError) -> None:
        told.append(error)
        heard.set()

    with TestClient(create_server(Settings.load(home=home), on_unusable=hear), base_url="http://127.0.0.1") as client:
        assert client.get("/").status_code == 200
        assert heard.wait(30)
        assert client.get("/health").status_code == 503
        refused = client.get("/api/models")
    assert refused.status_code == 503
    assert "damaged" in refused.json()["error"]["message"]
    assert "damaged" in str(told[0])
    assert unforeseen == []


@pytest.mark.parametrize(("by", "waits"), [(60.0, True), (0.0, False)])
def test_rest_is_made_once_nothing_is_asked_for_a_while_but_by_and_by_anyway(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, by: float, waits: bool
) -> None:
    made = threading.Event()
    monkeypatch.setattr("dashboard.server.REST_AFTER_SECONDS", 0.0)
    monkeypatch.setattr("dashboard.server.QUIET_SECONDS", 3.0)
    monkeypatch.setattr("dashboard.server.REST_BY_SECONDS", by)
    monkeypatch.setattr("dashboard.server.Rest.made", lambda _self: made.set())
    client.get("/health")
    with client:
        assert made.wait(0.5) is not waits
        assert made.wait(30)


def test_all_who_ask_at_once_for_the_workbench_get_the_same(home: Path) -> None:
    opening = Opening(Settings.load(home=home).prepare())
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: opening(), range(8)))
    assert all(one is found[0] for one in found)
    opening.close()


def test_bootstrap_is_served_from_an_installed_package(client: TestClient) -> None:
    assert client.get(STYLESHEET).headers["content-type"].startswith("text/css")
    assert client.get("/vendor/bootstrap/%2e%2e/%2e%2e/%2e%2e/__init__.py").status_code == 404


def test_every_inline_script_is_allowed_by_its_hash_and_nothing_else(client: TestClient) -> None:
    import base64
    import hashlib

    answer = client.get("/")
    inline = [
        body
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.S)
        if "src=" not in attributes and "json" not in attributes
    ]
    hashes = [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in inline]
    assert inline
    assert all(f"'sha256-{found}'" in answer.headers["content-security-policy"] for found in hashes)


def test_health_answers_with_the_journals_number(client: TestClient) -> None:
    answer = client.get("/health").json()
    assert answer["status"] == "ok"
    assert isinstance(answer["version"], int)


def test_health_says_what_is_wrong_with_the_store(client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise StoreError("The store is damaged.")

    monkeypatch.setattr(bench.store, "state", damaged)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["reason"]) == (503, "The store is damaged.")


@pytest.mark.parametrize("path", ["/api/nonsense", "/api", "/docs/x", "/vendor/bootstrap/nonsense.css"])
def test_what_is_no_page_is_a_404_and_never_the_pages(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "react-entry-point" not in answer.text


def test_a_wrong_method_on_the_api_is_a_405(client: TestClient) -> None:
    assert client.delete("/api/models").status_code == 405


def test_a_cross_origin_post_reaches_no_callback(client: TestClient) -> None:
    answer = client.post("/_dash-update-component", json={}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_a_token_closes_pages_and_api_alike(home: Any) -> None:
    settings = Settings.load(home=home, token="a long secret")
    bench = Workbench.open(settings)
    visitor = TestClient(create_server(settings, bench), base_url="http://127.0.0.1:8050", follow_redirects=False)
    assert visitor.get("/", headers={"accept": "text/html"}).headers["location"].startswith("/login")
    assert visitor.get("/api/models").status_code == 401
    assert visitor.post("/_dash-update-component", json={}).status_code == 401
    assert visitor.get("/api/models", headers={"authorization": "Bearer a long secret"}).status_code == 200
    assert visitor.get("/health").status_code == 200
    bench.close()


def test_two_servers_in_one_process_keep_their_own_workbench(tmp_path: Any) -> None:
    versions = []
    for name in ("one", "two"):
        settings = Settings.load(home=tmp_path / name)
        bench = Workbench.open(settings)
        if name == "two":
            bench.models.create(actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={})
        versions.append(TestClient(create_server(settings, bench), base_url="http://127.0.0.1").get("/health").json()["version"])
        bench.close()
    assert versions[0] < versions[1]
