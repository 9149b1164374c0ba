"""A receiver of posts in this process, and a notifier that posts to it."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workbench.notifying.notifier import Notifier
from workbench.settings import Settings


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted to it, and answers with `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes, str]] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), _Taking)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?channel=1"

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.got]


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, Receiver)
        body = self.rfile.read(int(self.headers["content-length"]))
        receiver.got.append((dict(self.headers), body, self.path))
        self.send_response(receiver.status)
        if receiver.status == 302:
            self.send_header("Location", receiver.address)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = time.time()

    def __call__(self) -> float:
        return self.at


def told(bench: Any, receiver: Receiver, clock: Clock | None = None, **given: Any) -> Notifier:
    settings = Settings.load(home=bench.settings.home, notify_webhook=receiver.address, notify_private=True, **given)
    found = Notifier(bench.store, settings, clock or Clock())
    found.look()
    return found
