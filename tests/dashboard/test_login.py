from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import attempts
from dashboard.login import ENDED_WORDS, LoginMiddleware

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
    wrong = visitor.get("/api/models", headers={"authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "token_wrong"), "not asked for a token that was sent"
    assert visitor.get("/api/models", headers={"authorization": f"Basic {TOKEN}"}).status_code == 401


def test_a_login_gives_a_cookie_that_lets_in(visitor: TestClient) -> None:
    assert visitor.post("/login", json={"token": TOKEN}).status_code == 200
    assert visitor.get("/", headers=PAGE).text == "inside"


def test_a_cookie_for_an_earlier_token_is_worth_nothing(visitor: TestClient) -> None:
    visitor.post("/login", json={"token": TOKEN})
    later = TestClient(app_with("another token"), follow_redirects=False, cookies=dict(visitor.cookies))
    answer = later.get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?why=ended&next=%2F")
    assert ENDED_WORDS in later.get(answer.headers["location"]).text
    assert ENDED_WORDS not in later.get("/login").text


@pytest.mark.parametrize("body", [{"token": "wrong"}, {"token": None}, {"token": ["x"]}])
def test_a_wrong_token_is_refused(visitor: TestClient, body: dict) -> None:
    assert visitor.post("/login", json=body).status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"not json", b'"x"', b"[" * 100_000, b'{"token": "\\ud800"}', b'{"token": "\xed\xa0\x80"}', b"\xff"]
)
def test_a_malformed_login_is_told_so(visitor: TestClient, body: bytes) -> None:
    assert visitor.post("/login", content=body).status_code == 422


def test_the_login_page_names_every_method_that_it_takes(visitor: TestClient) -> None:
    answer = visitor.put("/login", json={"token": TOKEN})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that attempts past the limit were made to wait, none of them real."""
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(attempts.Attempts.__init__, "__defaults__", (attempts.time.monotonic, pause))
    return waited


def from_address(app: Starlette, address: str) -> TestClient:
    return TestClient(app, follow_redirects=False, client=(address, 4711))


def guess(visitor: TestClient, how: str, token: str = "guess") -> int:
    if how == "login":
        return visitor.post("/login", json={"token": token}).status_code
    return visitor.get("/api/models", headers={"authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize("how", ["login", "bearer"])
def test_many_wrong_tokens_slow_their_sender_down_and_nobody_else(how: str, pauses: list[float]) -> None:
    app = app_with()
    guesser = from_address(app, "192.0.2.1")
    assert [guess(guesser, how) for _ in range(attempts.FAILURES)] == [401] * attempts.FAILURES
    assert pauses == []
    assert guess(guesser, how) == 429
    assert pauses == [attempts.PAUSE_SECONDS]
    assert guess(from_address(app, "192.0.2.2"), how) == 401
    assert guess(from_address(app, "192.0.2.2"), how, TOKEN) == 200
    assert len(pauses) == 1


@pytest.mark.parametrize("how", ["login", "bearer"])
def test_the_right_token_gets_in_from_an_address_that_has_guessed_after_a_pause(how: str, pauses: list[float]) -> None:
    visitor = from_address(app_with(), "192.0.2.1")
    for _ in range(attempts.FAILURES):
        guess(visitor, how)
    assert guess(visitor, how, TOKEN) == 200
    assert pauses == [attempts.PAUSE_SECONDS]


def test_who_is_logged_in_is_not_slowed_down_by_guesses(pauses: list[float]) -> None:
    visitor = from_address(app_with(), "192.0.2.1")
    assert guess(visitor, "login", TOKEN) == 200
    for _ in range(attempts.FAILURES + 1):
        guess(visitor, "bearer")
    pauses.clear()
    assert visitor.get("/", headers=PAGE).text == "inside"
    assert pauses == []


def test_one_network_of_ipv6_addresses_is_one_guesser(pauses: list[float]) -> None:
    app = app_with()
    for number in range(attempts.FAILURES):
        guess(from_address(app, f"2001:db8::{number:x}"), "bearer")
    assert guess(from_address(app, "2001:db8::ffff"), "bearer") == 429
    assert guess(from_address(app, "2001:db8:0:1::1"), "bearer") == 401


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/theme.css",
        "/vendor/bootstrap/bootstrap.min.css",
        "/assets/boot/login.js",
        "/assets/boot/theme.js",
        "/assets/1-base.css",
    ],
)
def test_what_the_login_page_is_made_of_needs_no_token(visitor: TestClient, path: str) -> None:
    assert visitor.get(path).text == "inside"


@pytest.mark.parametrize(
    "path",
    [
        "/healthx", "/health/", "/health/x", "/theme.css.map", "/vendor/", "/vendor/x", "/vendor/bootstrapx", "/loginx", "/login/x",
        "/assets/boot/", "/assets/boot/x.js", "/assets/boot/../models.js", "/assets/1-base.cssx", "/assets/forms.js", "/_dash-layout",
        "/api/health",
    ],
)  # fmt: skip
def test_everything_else_does(visitor: TestClient, path: str) -> None:
    assert visitor.get(path).status_code == 401


def test_a_token_beyond_ascii_is_recognised_as_the_bytes_that_were_sent() -> None:
    visitor = TestClient(app_with("schlüssel"), follow_redirects=False)
    assert visitor.get("/api/models", headers={"authorization": "Bearer schlüssel".encode()}).text == "inside"
