from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from dashboard import bodies
from dashboard.security import SecurityMiddleware, content_security_policy, is_loopback

HERE = "http://127.0.0.1:8050"
JSON = {"content-type": "application/json"}


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"read {len(await request.body())} bytes")


def client(**options: object) -> TestClient:
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "DELETE"])])
    app.add_middleware(SecurityMiddleware, policy=lambda: content_security_policy(()), **options)  # type: ignore[arg-type]
    return TestClient(app, base_url=HERE)


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:9", "LOCALHOST", "[::1]:8050"])
def test_the_loopback_names_are_answered_on_any_port(host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8050", "", "localhost.evil.example", "10.0.0.7"])
def test_another_host_name_is_refused_so_that_rebinding_a_name_gains_nothing(host: str) -> None:
    answer = client().get("/", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "wrong_host"


def test_the_name_the_server_listens_on_is_answered() -> None:
    assert client(hosts=("trellis.lan",)).get("/", headers={"host": "trellis.lan:8050"}).status_code == 200


def test_any_name_is_answered_where_a_token_is_asked_for() -> None:
    assert client(hosts=None).get("/", headers={"host": "anything.example"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:8051", "https://127.0.0.1:8050", "null", "http://127.0.0.1:8050.evil.example"]
)
def test_a_post_from_another_origin_is_refused(origin: str) -> None:
    answer = client().post("/x", content=b"{}", headers={**JSON, "origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "cross_origin"


def test_a_post_that_the_browser_calls_cross_site_is_refused_even_without_an_origin() -> None:
    assert client().post("/x", content=b"{}", headers={**JSON, "sec-fetch-site": "cross-site"}).status_code == 403


def test_a_post_from_this_origin_and_one_from_a_program_are_let_through() -> None:
    assert client().post("/x", content=b"{}", headers={**JSON, "origin": HERE, "sec-fetch-site": "same-origin"}).text == "read 2 bytes"
    assert client().post("/x", content=b"{}", headers=JSON).status_code == 200


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_plain_form_could_send_is_refused(media: str) -> None:
    assert client().post("/x", content=b"{}", headers={"content-type": media}).status_code == 415


def test_a_body_without_a_content_type_is_refused_and_a_delete_without_a_body_is_not() -> None:
    assert client().post("/x", content=b"{}").status_code == 415
    assert client().delete("/x").status_code == 200


def test_csv_is_accepted_on_csv_routes_only() -> None:
    csv = {"content-type": "text/csv"}
    assert client().post("/x/csv", content=b"index,label", headers=csv).status_code == 200
    assert client().post("/x", content=b"index,label", headers=csv).status_code == 415
    assert client().post("/x/csv", content=b"index,label", headers={"content-type": "text/plain"}).status_code == 415


def test_multipart_is_accepted_on_upload_routes_only() -> None:
    uploads = client(uploads=("/api/upload",))
    assert uploads.post("/api/upload", files={"file": b"data"}).status_code == 200
    for other in ("/api/other", "/api/upload/more", "/api/uploads"):
        assert uploads.post(other, files={"file": b"data"}).status_code == 415
    assert uploads.put("/api/upload", files={"file": b"data"}).status_code == 415


def test_a_body_over_the_limit_is_refused_whether_its_length_is_told_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.1)  # this client sends nothing more, and stays
    small = client(max_body=10)
    assert small.post("/x", content=b"x" * 11, headers=JSON).status_code == 413

    def chunks():
        yield b"x" * 6
        yield b"x" * 6

    assert small.post("/x", content=chunks(), headers=JSON).status_code == 413
    assert small.post("/x", content=b"x" * 10, headers=JSON).status_code == 200


JSON_TEXTS = {
    "half a pair, escaped": b'{"name": "a\\ud800b"}',
    "the other half": b'["\\uDC00"]',
    "half a pair as bytes": b'["\xed\xa0\x80"]',
    "a byte of no character": b'["\xff"]',
    "another encoding": '{"name": "a"}'.encode("utf-16-le"),
    "too deep": b"[" * 65 + b"]" * 65,
    "too deep and torn": b'{"a":' * 50_000,
    "too deep behind a text": b'{"a": "]]]]]", "b": ' + b"[" * 70 + b"]" * 70 + b"}",
}


@pytest.mark.parametrize("body", JSON_TEXTS.values(), ids=JSON_TEXTS.keys())
@pytest.mark.parametrize("path", ["/api/models", "/login"])
def test_json_that_no_answer_could_repeat_is_refused_in_a_sentence(path: str, body: bytes) -> None:
    answer = client().post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"
    assert answer.json()["error"]["message"].endswith(".")


@pytest.mark.parametrize(
    "body", [b'{"epochs": 1, "name": "a", "epochs": 2}', b'[{"a": {"epochs": 1, "epochs": 1}}]', b'{"\\u0065pochs": 1, "epochs": 2}']
)
def test_a_key_that_stands_twice_is_refused_by_its_name_where_programs_write(body: bytes) -> None:
    answer = client().post("/api/models", content=body, headers=JSON)
    assert answer.status_code == 422
    assert "'epochs' stands more than once" in answer.json()["error"]["message"]
    assert client().post("/api/models", content=b'[{"a": {"epochs": 1}}, {"epochs": 1}]', headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b'{"name": "\\ud83d\\ude00"}', '"ü €"'.encode(), b"[" * 64 + b"]" * 64, b"[]" + b",[]" * 200, b'["' + b"[" * 100 + b'"]', b"torn"],
)  # fmt: skip
def test_other_bodies_arrive_as_they_were_sent(body: bytes) -> None:
    assert client().post("/api/models", content=body, headers=JSON).text == f"read {len(body)} bytes"


def test_pages_get_half_a_surrogate_pair_as_a_replacement_character() -> None:
    async def told(request: Request) -> PlainTextResponse:
        return PlainTextResponse((await request.json())["value"])

    app = Starlette(routes=[Route("/_dash-update-component", told, methods=["POST"])])
    app.add_middleware(SecurityMiddleware, policy=lambda: "")
    answer = TestClient(app, base_url=HERE).post("/_dash-update-component", content=b'{"value": "a\\ud800"}', headers=JSON)
    assert answer.text == "a\ufffd"


def test_a_body_that_was_mended_has_the_length_that_it_is_said_to_have() -> None:
    async def told(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{request.headers['content-length']} {len(await request.body())}")

    app = Starlette(routes=[Route("/explore", told, methods=["POST"])])
    app.add_middleware(SecurityMiddleware, policy=lambda: "")
    answer = TestClient(app, base_url=HERE).post("/explore", content=b'{"value":    "a\\ud800"}', headers=JSON)
    said, read = answer.text.split()
    assert said == read


def sent(parts: list[bytes], **options: object) -> list[Message]:
    """What the middleware answers to a body that comes in these parts and then never ends."""
    answered: list[Message] = []
    reached: list[bytes] = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.append(b"")

    async def ask() -> None:
        waiting = [*parts]

        async def receive() -> Message:
            if waiting:
                return {"type": "http.request", "body": waiting.pop(0), "more_body": True}
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            answered.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/x", "scheme": "http",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")],
        }  # fmt: skip
        await SecurityMiddleware(app, policy=lambda: "", **options)(scope, receive, send)  # type: ignore[arg-type]

    # In a thread of its own: browser tests of the same process keep a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, ask()).result()
    assert reached == []
    return answered


@pytest.mark.parametrize("seconds", [(0.01, 60.0), (60.0, 0.01)], ids=["silent", "slow"])
def test_a_body_that_does_not_come_is_given_up_before_anything_waits_for_it(seconds: tuple[float, float]) -> None:
    start, *_ = sent([b'{"half'], body_seconds=seconds)
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]


def test_a_body_over_the_limit_is_answered_at_once_and_the_rest_read_so_that_its_sender_sees_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "DRAINED_BYTES", 25)
    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.1)
    start, body, end = sent([b"x" * 10] * 4, max_body=15)
    assert start["status"] == 413
    assert (body["more_body"], end["body"]) == (True, b"")


def test_a_length_that_is_no_number_is_refused() -> None:
    assert client().post("/x", content=b"{}", headers={**JSON, "content-length": "-1"}).status_code == 413


def test_every_response_carries_the_protecting_headers_refusals_included() -> None:
    for answer in (client().get("/"), client().get("/", headers={"host": "evil.example"})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_the_policy_names_no_outside_origin_and_no_inline_script_without_its_hash() -> None:
    policy = content_security_policy(["'sha256-abc='"])
    assert "http:" not in policy
    assert "https:" not in policy
    assert "*" not in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == "script-src 'self' 'unsafe-eval' 'sha256-abc='"


def test_a_response_may_bring_a_stricter_policy_of_its_own() -> None:
    async def own(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("report", headers={"content-security-policy": "sandbox"})

    app = Starlette(routes=[Route("/report", own)])
    app.add_middleware(SecurityMiddleware, policy=lambda: "default-src 'self'")
    assert TestClient(app, base_url=HERE).get("/report").headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("::1", True), ("[::1]", True), ("0.0.0.0", False), ("box", False),
        ("127.example.org", False), ("127.0.0.1.example.org", False), ("127.", False), ("127.0.0.256", False), ("", False),
    ],
)  # fmt: skip
def test_loopback_is_recognised(host: str, local: bool) -> None:
    assert is_loopback(host) is local
