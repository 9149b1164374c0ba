from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import login
from dashboard.login import LoginMiddleware

TOKEN = "correct horse battery staple"
PAGE = {"accept": "text/html"}


def app_with(token: str = TOKEN, secret: str = "s" * 64) -> Starlette:
    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("inside")

    app = Starlette(routes=[Route("/{path:path}", hello, methods=["GET", "POST"])])
    app.add_middleware(LoginMiddleware, token=token, secret=secret)
    return app


@pytest.fixture
def visitor() -> TestClient:
    return TestClient(app_with(), follow_redirects=False)


def test_a_person_is_sent_to_the_login_page_and_back_to_what_was_asked_for(visitor: TestClient) -> None:
    answer = visitor.get("/model/x?tab=1", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fmodel%2Fx%3Ftab%3D1"
    assert "token" in visitor.get("/login").text


def test_a_program_is_told_to_send_a_bearer_token(visitor: TestClient) -> None:
    answer = visitor.get("/api/models")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_right_bearer_token_lets_in_and_a_wrong_one_does_not(visitor: TestClient) -> None:
    assert visitor.get("/api/models", headers={"authorization": f"Bearer {TOKEN}"}).text == "inside"
    assert visitor.get("/api/models", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert visitor.get("/api/models", headers={"authorization": f"Basic {TOKEN}"}).status_code == 401


def test_a_login_gives_a_cookie_that_lets_in(visitor: TestClient) -> None:
    assert visitor.post("/login", json={"token": TOKEN}).status_code == 200
    assert visitor.get("/", headers=PAGE).text == "inside"


def test_a_cookie_for_an_earlier_token_is_worth_nothing(visitor: TestClient) -> None:
    visitor.post("/login", json={"token": TOKEN})
    later = TestClient(app_with("another token"), follow_redirects=False, cookies=dict(visitor.cookies))
    assert later.get("/", headers=PAGE).status_code == 303


@pytest.mark.parametrize("body", [{"token": "wrong"}, {"token": None}, {"token": ["x"]}])
def test_a_wrong_token_is_refused(visitor: TestClient, body: dict) -> None:
    assert visitor.post("/login", json=body).status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"not json", b'"x"'])
def test_a_malformed_login_is_told_so(visitor: TestClient, body: bytes) -> None:
    assert visitor.post("/login", content=body).status_code == 422


def test_after_many_wrong_tokens_even_the_right_one_waits(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(login.time, "monotonic", lambda: now[0])
    for _ in range(login.FAILURES):
        assert visitor.post("/login", json={"token": "guess"}).status_code == 401
    assert visitor.post("/login", json={"token": TOKEN}).status_code == 429
    now[0] += login.WINDOW_SECONDS + 1
    assert visitor.post("/login", json={"token": TOKEN}).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/theme.css", "/vendor/bootstrap/bootstrap.min.css", "/assets/boot/login.js"])
def test_what_the_login_page_is_made_of_needs_no_token(visitor: TestClient, path: str) -> None:
    assert visitor.get(path).text == "inside"


@pytest.mark.parametrize("path", ["/healthz-not", "/assets/forms.js", "/_dash-layout", "/api/health"])
def test_everything_else_does(visitor: TestClient, path: str) -> None:
    if path == "/healthz-not":
        path = "/assets/models.js"
    assert visitor.get(path).status_code == 401
