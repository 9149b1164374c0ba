"""A benchmark's REST client: JSON both ways, refusals named, closed connections opened anew."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import asking
from bench.asking import Client


class Echo(BaseHTTPRequestHandler):
    """Answers with what it got, without a word that it closes the connection then."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = {"path": self.path, "got": json.loads(body or b"null")}
        if self.path == "/token":
            told["token"] = self.headers.get("Authorization")
        content = json.dumps(told).encode()
        self.send_response(404 if self.path == "/nowhere" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    do_GET = do_PATCH = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def client() -> Iterator[Client]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    client = Client(f"http://127.0.0.1:{server.server_port}")
    yield client
    client.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_connection_that_nobody_used_is_opened_anew(client, monkeypatch):
    monkeypatch.setattr(asking, "IDLE", -1.0)
    assert client.post("/a", {"x": 1})[0] == {"path": "/a", "got": {"x": 1}}
    answer, seconds = client.get("/b")
    assert answer == {"path": "/b", "got": None}
    assert seconds > 0


def test_a_refusal_is_told_with_path_and_status(client):
    with pytest.raises(RuntimeError, match="GET /nowhere was answered with 404"):
        client.get("/nowhere")


def test_a_client_with_a_token_sends_it_with_all_that_it_asks(client, monkeypatch):
    monkeypatch.setattr(asking, "IDLE", -1.0)
    address = f"http://{client._connection.host}:{client._connection.port}"
    for asking_as, token in ((client, None), (Client(address, "trellis_x"), "Bearer trellis_x")):
        for ask in (asking_as.patch, asking_as.post):
            assert ask("/token", {"x": 1})[0] == {"path": "/token", "got": {"x": 1}, "token": token}
        asking_as.close()
