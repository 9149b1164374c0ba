"""Text goes packed (gzip) to browsers on other machines; to those on this one a byte costs less than packing it.

Behind a proxy, which asks from this machine for others and says so in a header, it goes packed, too.
"""

from __future__ import annotations

import asyncio
import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.security import is_loopback

TEXT = ("text/", "application/json", "application/javascript", "application/problem+json", "image/svg+xml")
LEAST = 1_000
"""Bytes below which an answer goes as it is."""
LEVEL, GZIP = 9, 16 + zlib.MAX_WBITS
AT_ONCE = 64 * 1024
"""Bytes up to which packing holds nobody up; more is packed in a thread."""
_FORWARDED = ("x-forwarded-for", "forwarded")


class PackingMiddleware:
    """Packs the answers of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and wanted(scope):
            send = _Packer(send).send
        await self.app(scope, receive, send)


def wanted(scope: Scope) -> bool:
    """Whether who asks takes packed answers and is on another machine."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    far = client is None or not is_loopback(client[0]) or any(name in headers for name in _FORWARDED)
    return far and scope["method"] != "HEAD" and "gzip" in headers.get("accept-encoding", "")


class _Packer:
    """One answer on its way."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
        self._packs = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            self._packs = message["status"] == 200 and _packable(headers)
            if self._packs:
                del headers["content-length"]
                headers["content-encoding"] = "gzip"
                headers.add_vary_header("accept-encoding")
                if headers.get("etag", "").startswith('"'):
                    headers["etag"] = f"W/{headers['etag']}"
                message = {**message, "headers": headers.raw}
        elif self._packs and message["type"] == "http.response.body":
            body, more = message.get("body", b""), message.get("more_body", False)
            packed = await asyncio.to_thread(self._pack, body, more) if len(body) > AT_ONCE else self._pack(body, more)
            message = {**message, "body": packed}
        await self._send(message)

    def _pack(self, body: bytes, more: bool) -> bytes:
        """What is sent of a part, so that it can be read before the next one comes."""
        return self._packer.compress(body) + self._packer.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)


def _packable(headers: MutableHeaders) -> bool:
    """Documents of REST whose version is named go as they are: packed they would be others, and requests name versions to the byte."""
    kind = headers.get("content-type", "")
    small = int(headers.get("content-length", LEAST)) < LEAST
    versioned = "etag" in headers and kind.startswith("application/json")
    return not small and not versioned and "content-encoding" not in headers and kind.startswith(TEXT)
