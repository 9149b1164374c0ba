"""Answers are packed for browsers on other machines, and arrive as they were."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.packing import PackingMiddleware

LONG = "Trellis " * 50_000


def _streamed(_request: Any) -> Response:
    return StreamingResponse((f"{part}" * 5_000 for part in range(3)), media_type="text/plain")


ANSWERS = {
    "/long": lambda _: PlainTextResponse(LONG, headers={"etag": '"one"', "vary": "Cookie"}),
    "/short": lambda _: PlainTextResponse("short"),
    "/picture": lambda _: Response(bytes(5_000), media_type="image/png"),
    "/packed": lambda _: Response(gzip.compress(LONG.encode()), media_type="text/plain", headers={"content-encoding": "gzip"}),
    "/part": lambda _: PlainTextResponse(LONG, status_code=206),
    "/streamed": _streamed,
    "/version": lambda _: JSONResponse({"text": LONG}, headers={"etag": '"14"'}),
}


def test_a_document_whose_version_is_named_keeps_it_to_the_byte(app: Any) -> None:
    answer = client(app).get("/version")
    assert (answer.headers["etag"], answer.json()["text"]) == ('"14"', LONG)
    assert "content-encoding" not in answer.headers


@pytest.fixture
def app() -> Any:
    return PackingMiddleware(Starlette(routes=[Route(path, answer) for path, answer in ANSWERS.items()]))


def client(app: Any, host: str = "192.0.2.7") -> TestClient:
    return TestClient(app, client=(host, 50_000))


def test_text_goes_packed_and_arrives_whole(app: Any) -> None:
    answer = client(app).get("/long")
    assert answer.text == LONG
    assert answer.headers["content-encoding"] == "gzip"
    assert "content-length" not in answer.headers
    assert (answer.headers["etag"], answer.headers["vary"]) == ('W/"one"', "Cookie, accept-encoding")
    assert client(app).get("/streamed").text == "".join(f"{part}" * 5_000 for part in range(3))


@pytest.mark.parametrize(("path", "unpacked"), [("/short", b"short"), ("/picture", bytes(5_000)), ("/part", LONG.encode())])
def test_what_would_gain_nothing_goes_as_it_is(app: Any, path: str, unpacked: bytes) -> None:
    answer = client(app).get(path)
    assert answer.content == unpacked
    assert "content-encoding" not in answer.headers


def test_what_is_packed_already_is_not_packed_twice(app: Any) -> None:
    assert client(app).get("/packed").text == LONG


@pytest.mark.parametrize(
    ("host", "headers", "packed"),
    [
        ("127.0.0.1", {}, False),
        ("::1", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}, True),
        ("192.0.2.7", {"accept-encoding": "identity"}, False),
    ],
)
def test_only_who_is_elsewhere_and_takes_it_gets_it_packed(app: Any, host: str, headers: dict[str, str], packed: bool) -> None:
    answer = client(app, host).get("/long", headers=headers)
    assert ("content-encoding" in answer.headers) is packed
    assert answer.text == LONG


def test_an_answer_without_a_body_has_none(app: Any) -> None:
    answer = client(app).head("/long")
    assert "content-encoding" not in answer.headers
