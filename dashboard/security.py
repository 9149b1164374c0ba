"""What every response carries and which requests are refused before anything reads them.

One ASGI middleware around the whole application, REST and pages alike:

- the `Host` must be one this server answers to, or a page elsewhere could reach it by rebinding its own name;
- a request that changes something must come from this origin and carry JSON (multipart on upload routes only),
  so that no foreign page can post to it with a person's cookies;
- no request body larger than the limit, none that never ends, and no JSON that no answer could repeat: a body is read
  whole before it takes a thread (see `dashboard.bodies`);
- a Content Security Policy without any outside origin, `nosniff`, no framing.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.bodies import (
    BODY_SECONDS,
    IDLE_SECONDS,
    MAX_BODY,
    Gone,
    TooLarge,
    TooSlow,
    Unusable,
    drain,
    read_whole,
    replayed,
    usable_json,
    watched,
)

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """The policy for pages; `script_hashes` are those of Dash's own inline scripts.

    `unsafe-eval` is there because Plotly's WebGL traces silently draw nothing without it.
    """
    parts = {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'", *script_hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in parts.items())


def is_loopback(host: str) -> bool:
    """Whether a host is this machine only: `localhost`, or an address that is (a name like `127.example.org` is not)."""
    name = host.strip("[]").lower()
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused before it is read."""

    status: int
    code: str
    message: str
    hint: str = ""

    def body(self) -> bytes:
        """The REST error format, which pages never show to anybody."""
        error = {"code": self.code, "message": self.message, "fields": [], "hint": self.hint or None}
        return json.dumps({"error": error}).encode()


class SecurityMiddleware:
    """Refuses what must be refused and adds the protecting headers to every response.

    Args:
        app: the application to protect.
        policy: makes the Content Security Policy; asked on every response that sets none of its own.
        hosts: names and addresses (without port) that this server answers to, besides the loopback names; None for any,
            which is right only where every request must show a token. any_host: whether that is so by now.
        uploads: paths at which multipart bodies are accepted as well.
        streamed: those of them whose reader takes them piece by piece, so that they may have `max_streamed` bytes.
        strict: path prefixes below which a text with half a surrogate pair is refused; elsewhere it is mended.
        max_body: bytes of a request body past which it is refused.
        body_seconds: how long a body's sender may be silent, and how long a whole body may take.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: Callable[[], str],
        hosts: Iterable[str] | None = (),
        any_host: Callable[[], bool] = lambda: False,
        uploads: Sequence[str] = (),
        streamed: Sequence[str] = (),
        max_streamed: int = MAX_BODY,
        strict: Sequence[str] = ("/api/", "/login"),
        max_body: int = MAX_BODY,
        body_seconds: tuple[float, float] = (IDLE_SECONDS, BODY_SECONDS),
    ) -> None:
        self._app = app
        self._policy = policy
        self._hosts = None if hosts is None else frozenset(h.lower() for h in (*LOOPBACK, *hosts))
        self._any_host = any_host
        self._uploads = frozenset(uploads)
        self._streamed = frozenset(streamed)
        self._max_streamed = max_streamed
        self._strict = tuple(strict)
        self._max_body = max_body
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._protect(list(message.get("headers", [])))
            await send(message)

        refusal = self.refuse(scope["method"], scope["path"], scope.get("scheme", "http"), headers)
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if refusal is None and has_body and self._is_streamed(scope["method"], scope["path"], headers):
            receive = watched(receive, limit=self._max_streamed, idle=self._body_seconds[0])
        elif refusal is None and has_body:
            try:
                body = await self._body(scope["path"], headers, receive)
                receive, scope = replayed(body, receive), _with_length(scope, len(body))
            except Gone:
                return
            except TooLarge:
                refusal = self._too_large(self._max_body)
            except TooSlow:
                refusal = Refusal(408, "too_slow", "The request's body did not arrive in time.")
                has_body = False  # nothing more is waited for
            except Unusable as error:
                refusal = Refusal(422, "invalid", error.message)
                has_body = False  # it was read to its end
        if refusal is None:
            await self._app(scope, receive, guarded_send)
        else:
            await _answer(refusal, guarded_send, receive if has_body else None)

    async def _body(self, path: str, headers: dict[str, str], receive: Receive) -> bytes:
        """The body, read whole and, if it is JSON, such that it can be used. Raises what `dashboard.bodies` raises."""
        idle, whole = self._body_seconds
        body = await read_whole(receive, limit=self._max_body, idle=idle, whole=whole)
        if not _is_json(_media(headers)):
            return body
        return await usable_json(body, mend=not path.startswith(self._strict))

    def refuse(self, method: str, path: str, scheme: str, headers: dict[str, str]) -> Refusal | None:
        """Why this request is refused, or None. `headers` by lower-case name."""
        host = headers.get("host", "")
        if self._hosts is not None and _without_port(host) not in self._hosts and not self._any_host():
            return Refusal(
                421,
                "wrong_host",
                f"This server does not answer to the name {host!r}.",
                "Open it by the address it printed when it started.",
            )
        length = headers.get("content-length", "0")
        limit = self._max_streamed if self._is_streamed(method, path, headers) else self._max_body
        if not length.isdigit() or int(length) > limit:
            return self._too_large(limit)
        if method in _SAFE:
            return None
        origin = headers.get("origin")
        if origin is not None and (urlsplit(origin).netloc.lower() != host.lower() or urlsplit(origin).scheme != scheme):
            return Refusal(
                403, "cross_origin", f"Requests that change something must come from this server's own pages, not from {origin}."
            )
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return Refusal(403, "cross_origin", "Requests that change something must come from this server's own pages.")
        has_body = length != "0" or "transfer-encoding" in headers
        media = _media(headers)
        json_like = _is_json(media)
        upload = media == "multipart/form-data" and method == "POST" and path in self._uploads
        # no plain form can send text/csv either: a browser asks for leave first
        table = media == "text/csv" and path.endswith("/csv")
        if not json_like and not upload and not table and (has_body or (media and method == "POST")):
            return Refusal(415, "not_json", "Send application/json.", f"The request's content type was {media or 'missing'}.")
        return None

    def _is_streamed(self, method: str, path: str, headers: dict[str, str]) -> bool:
        return method == "POST" and path in self._streamed and _media(headers) == "multipart/form-data"

    def _too_large(self, limit: int) -> Refusal:
        return Refusal(413, "too_large", f"A request body may have at most {limit // 2**20:,} MiB.")

    def _protect(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        extra = {
            b"content-security-policy": self._policy().encode(),
            b"x-content-type-options": b"nosniff",
            b"x-frame-options": b"DENY",
            b"referrer-policy": b"same-origin",
            b"cross-origin-opener-policy": b"same-origin",
            b"cross-origin-resource-policy": b"same-origin",
        }
        return headers + [(name, value) for name, value in extra.items() if name not in present]


def _media(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").split(";")[0].strip().lower()


def _is_json(media: str) -> bool:
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _with_length(scope: Scope, length: int) -> Scope:
    """The request with the length that its body has now: what was mended in it may have made it another one."""
    if not any(name.lower() == b"content-length" for name, _ in scope["headers"]):
        return scope
    kept = [(name, value) for name, value in scope["headers"] if name.lower() != b"content-length"]
    return {**scope, "headers": [*kept, (b"content-length", str(length).encode())]}


def _without_port(host: str) -> str:
    host = host.lower()
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.rsplit(":", 1)[0] if host.count(":") == 1 else host


async def _answer(refusal: Refusal, send: Send, rest: Receive | None) -> None:
    """Send a refusal. `rest` is the unread part of the request, or None: a sender that is cut off in mid-body reads no answer."""
    body = refusal.body()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refusal.status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": rest is not None})
    if rest is not None:
        await drain(rest)
        await send({"type": "http.response.body", "body": b""})
