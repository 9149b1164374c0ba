"""Request bodies, read whole before anything else waits for them, but for files that are written to disk as they arrive.

A body that is sent slowly must cost no thread, one that is too large no memory, and JSON that no answer could repeat
(half a surrogate pair, a thousand levels) must reach neither REST nor pages. Nor does JSON that says one thing twice reach REST.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

from starlette.types import Message, Receive

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a request body past which it is refused."""

IDLE_SECONDS, BODY_SECONDS = 15.0, 300.0
"""How long a sender may be silent within a body, and how long a whole body may take."""

STREAM_SECONDS = 3600.0
"""The same for a body that is taken piece by piece."""

MAX_DEPTH = 64
"""Levels of lists and objects in a JSON body: every config fits many times."""

DRAINED_BYTES, DRAIN_SECONDS = 4 * MAX_BODY, 5.0
"""What is still read, and thrown away, of a refused body, so that its sender gets to read why."""

LARGE = 100_000
"""Bytes of a body from which it is looked at beside the event loop."""

_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A JSON text; one that never ends goes to the end of the body, so that a search takes time in proportion to it."""

_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


class TooLarge(Exception):
    """A body grew past the limit."""


class TooSlow(Exception):
    """A body did not arrive in time."""


class Gone(Exception):
    """The sender went before its body was whole."""


class Unusable(Exception):
    """A JSON body that is refused; `message` says why in a sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


async def read_whole(receive: Receive, *, limit: int = MAX_BODY, idle: float = IDLE_SECONDS, whole: float = BODY_SECONDS) -> bytes:
    """The request's whole body.

    Args:
        limit: bytes it may have. idle: seconds its sender may be silent. whole: seconds it may take.

    Raises:
        TooLarge, TooSlow, Gone.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(whole):
            while True:
                message = await asyncio.wait_for(receive(), idle)
                if message["type"] != "http.request":
                    raise Gone
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > limit:
                    raise TooLarge
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError as error:
        raise TooSlow from error


def watched(receive: Receive, *, limit: int, idle: float = IDLE_SECONDS, whole: float = STREAM_SECONDS) -> Receive:
    """`receive` of a request whose body its reader takes piece by piece: it raises TooLarge, TooSlow and Gone as `read_whole` does."""
    size, over, begun = 0, False, time.monotonic()

    async def piece() -> Message:
        nonlocal size, over
        if over:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), min(idle, max(0.0, begun + whole - time.monotonic())))
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] != "http.request":
            raise Gone
        size += len(message.get("body", b""))
        if size > limit:
            await drain(receive)
            raise TooLarge
        over = not message.get("more_body", False)
        return message

    return piece


async def drain(receive: Receive) -> None:
    """Read on and throw away, for as long and as much as is worth the courtesy."""
    size = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while size < DRAINED_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` of a request whose body has been read: it gives the body once, then what comes after."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def usable_json(body: bytes, *, mend: bool) -> bytes:
    """The JSON body as it may go on; what is no JSON at all goes on too, for its reader to say so.

    Args:
        mend: put a replacement character where half a surrogate pair stands, as pages want it, instead of refusing it; pages
            write their own JSON, and a key that stands twice in an object is looked for in that of others alone.

    Raises:
        Unusable: it is not UTF-8, nested too deeply, holds half a surrogate pair, or a key twice in an object.
    """
    return await asyncio.to_thread(_usable, body, mend) if len(body) > LARGE else _usable(body, mend)


def _usable(body: bytes, mend: bool) -> bytes:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Unusable(f"The body is not UTF-8: byte {error.start} belongs to no character.") from error
    if b"\0" in body:
        raise Unusable("The body is not UTF-8: it holds zero bytes.")
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise Unusable(f"The body is nested more than {MAX_DEPTH} levels deep.")
    half_pair = _HALF_PAIR.search(body) is not None
    if mend and not half_pair:
        return body
    try:
        value = json.loads(body, object_pairs_hook=dict if mend else _each_once)
    except ValueError:
        return body
    if not half_pair:
        return body
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        if not mend:
            half = f"\\u{ord(text[error.start]):04x}"
            raise Unusable(f"A text in the body holds {half}, half of a surrogate pair, which is no character.") from error
        return re.sub("[\ud800-\udfff]", "\ufffd", text).encode()
    return body


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            # half a surrogate pair could not go out with the answer
            shown = key[:100].encode(errors="replace").decode()
            raise Unusable(f"The key {shown!r} stands more than once in one object of the body; say it once.")
        found[key] = value
    return found


def _depth(body: bytes) -> int:
    """How deep lists and objects are nested, whatever stands in texts; not counted further than the limit."""
    deepest = depth = 0
    for bracket in _TEXT.sub(b"", body).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
        if depth > MAX_DEPTH:
            break
    return deepest
