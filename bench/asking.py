"""REST as a program asks it: one connection that stays open, JSON both ways, and how long each answer took."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 600.0
"""Seconds after which an answer is given up; large shops are simulated within a request."""

IDLE = 2.0
"""Seconds without a request after which a new connection is opened: servers close those that nobody uses."""


class Client:
    """Asks one server, as the owner of a token if one is given."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self._sent = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
        self._asked_at = time.monotonic()

    def get(self, path: str) -> tuple[Any, float]:
        """The answer, and the seconds until it had arrived. Raises RuntimeError for a status of 400 and above."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any = None) -> tuple[Any, float]:
        """Likewise with a body."""
        return self._ask("POST", path, body)

    def patch(self, path: str, body: Any) -> tuple[Any, float]:
        """Likewise, to change something."""
        return self._ask("PATCH", path, body)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: Any) -> tuple[Any, float]:
        sent = None if body is None else json.dumps(body).encode()
        headers = self._sent if sent is None else {**self._sent, "Content-Type": "application/json"}
        if time.monotonic() - self._asked_at > IDLE:
            self._connection.close()  # the next request opens it again
        started = time.perf_counter()
        self._connection.request(method, path, sent, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - started
        self._asked_at = time.monotonic()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} was answered with {answer.status}: {content[:500]!r}")
        is_json = (answer.getheader("Content-Type") or "").startswith("application/json")
        return json.loads(content) if is_json else content, seconds
