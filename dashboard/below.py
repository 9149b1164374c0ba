"""Addresses as browsers know them: Trellis may lie below a path of its host name (`TRELLIS_BASE_PATH`), behind a proxy with other sites.

Within the server, and in what it tells the pages' scripts, every address is Trellis' own: `/runs`. It becomes the browser's,
`/trellis/runs`, at the edge and nowhere else:

- `Below` takes the path off what is asked, and puts it before `Location` and into cookies;
- `at` puts it before what leaves with a page: links and pictures of components where they are folded (`dashboard.markup`),
  where a callback sends the browser (`dashboard.shell.go`), text that is HTML already;
- `assets/addresses.js` does the same for what scripts ask and where they go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_base: ContextVar[str] = ContextVar("base", default="")
_COOKIE_PATH = re.compile(r"(;\s*path=)/(?=\s*(?:;|$))", re.IGNORECASE)


class Outside(str):
    """An address as browsers know it; `at` leaves it as it is."""

    __slots__ = ()


def base() -> str:
    """The path below which the request being served finds Trellis, such as `/trellis`; "" at the root of the host name."""
    return _base.get()


@contextmanager
def below(path: str) -> Iterator[None]:
    """Within the block, Trellis is found below this path."""
    token = _base.set(path)
    try:
        yield
    finally:
        _base.reset(token)


def at(address: str) -> str:
    """An address of this server as browsers know it; one of elsewhere, or of a part of the page, is returned as it is."""
    return Outside(base() + address) if _begins_here(address) and not isinstance(address, Outside) else address


def inside(path: str) -> str:
    """An address of this server from the one that a browser knows: the opposite of `at`."""
    return path.removeprefix(base()) if path.startswith(f"{base()}/") else path


def is_own(address: str) -> bool:
    """Whether an address that somebody gave leads to this server, whatever a browser makes of it: it skips tabs and takes \\ for /."""
    return _begins_here(address) and "\\" not in address and address.isprintable()


def _begins_here(address: str) -> bool:
    return address.startswith("/") and not address.startswith("//")


class Below:
    """Serves an application below a path; what is asked beside it is a 404 that says where Trellis is.

    Args:
        path: such as `/trellis`, without a slash at its end. A proxy in front passes addresses on as browsers send them.
    """

    def __init__(self, app: ASGIApp, *, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if not path.startswith(f"{self._path}/"):
            await self._beside(Request(scope))(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def outward(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._headers(message, host)}
            await send(message)

        inner = {**scope, "path": path[len(self._path) :]}
        raw, prefix = scope.get("raw_path"), self._path.encode()
        if raw is not None:
            inner["raw_path"] = raw.removeprefix(prefix)
        with below(self._path):
            await self._app(inner, receive, outward)

    def _headers(self, message: Message, host: str) -> list[tuple[bytes, bytes]]:
        headers = MutableHeaders(raw=list(message.get("headers", [])))
        if "location" in headers:
            headers["location"] = self._located(headers["location"], host)
        return [
            (name, self._cookie(value) if name.lower() == b"set-cookie" else value)
            for name, value in headers.raw
        ]  # fmt: skip

    def _located(self, location: str, host: str) -> str:
        if _begins_here(location):
            return self._path + location
        parts = urlsplit(location)
        # what redirects by itself names the host that was asked
        own = parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
        return urlunsplit(parts._replace(path=self._path + (parts.path or "/"))) if own else location

    def _cookie(self, value: bytes) -> bytes:
        return _COOKIE_PATH.sub(rf"\g<1>{self._path}", value.decode("latin-1")).encode("latin-1")

    def _beside(self, request: Request) -> Response:
        if request.url.path == self._path:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{self._path}/{query}", status_code=307)
        words = f"Trellis is at {self._path}/ here; nothing is served at this address."
        hint = f"A proxy in front has to pass addresses on as they are, with {self._path} (TRELLIS_BASE_PATH) at their beginning."
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            # No redirect: with a proxy that takes the path off it would never end.
            link = words.replace(f"{self._path}/", f'<a href="{self._path}/">{self._path}/</a>', 1)
            answer: Response = HTMLResponse(
                f'<!doctype html>\n<html lang="en"><head><title>Not found · Trellis</title></head><body><p>{link}</p><p>{hint}</p></body></html>',
                404,
            )
        else:
            answer = JSONResponse({"error": {"code": "not_found", "message": words, "fields": [], "hint": hint}}, 404)
        answer.headers["x-content-type-options"] = "nosniff"
        return answer
