"""How many requests came, to which routes, how they were answered and how long that took; each has an id, which logs and its answer name."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Iterable
from typing import Any

from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.logs import about
from workbench.measuring import Tally

_log = logging.getLogger(__name__)

COUNTED = "trellis.requests"
"""Where in a request's scope the tally of all requests is, for whoever tells of it."""
ROUTE = "trellis.route"
"""Where in a request's scope its route is noted, by whoever knows it: a list that copies of the scope share."""

_HEADER = b"x-request-id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_APART = ("/_dash-", "/assets/", "/vendor/", "/login", "/logout", "/health", "/theme.css", "/docs-files/", "/docs", "/openapi.json")


class RequestsSeen:
    """Counts every request by method, route and status. A route is a pattern (`/api/models/{id}`), never an address with what a sender wrote."""

    def __init__(self, app: ASGIApp, *, tally: Tally) -> None:
        self._app = app
        self._tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        noted: list[str] = []
        status, begun, request = 500, time.monotonic(), id_of(scope)

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (_HEADER, request.encode())]
            await send(message)

        with about(request=request):
            try:
                await self._app({**scope, ROUTE: noted, COUNTED: self._tally}, receive, seen)
            finally:
                method, seconds = scope["method"] if scope["method"] in _METHODS else "other", time.monotonic() - begun
                route = route_of(scope["path"], noted)
                self._tally.add((method, route, str(status)), seconds)
                facts = {"method": method, "route": route, "status": status, "seconds": round(seconds, 6)}
                _log.info("%s %s %s", method, route, status, extra={"facts": facts})


def id_of(scope: Scope) -> str:
    """The request's id: the one that a proxy in front gave it, if it is a plain one, else a new one."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == _HEADER), "")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


Pattern = tuple[re.Pattern[str], str]
"""What addresses of a route look like, and the route as its source writes it."""


def patterns_of(prefix: str, routers: Iterable[Any]) -> tuple[Pattern, ...]:
    """The routes of these routers below a prefix, in the order in which they are tried."""
    paths = dict.fromkeys(f"{prefix}{route.path}" for router in routers for route in router.routes if isinstance(route, Route))
    return tuple((compile_path(path)[0], path) for path in paths)


def note(scope: Scope, patterns: Iterable[Pattern]) -> None:
    """Note which of an application's routes a request goes to."""
    noted: list[str] | None = scope.get(ROUTE)
    if noted is not None and scope["path"].startswith("/api"):
        path = scope["path"].rstrip("/")
        noted.append(next((route for pattern, route in patterns if pattern.match(path)), "/api/(none)"))


def route_of(path: str, noted: list[str]) -> str:
    """The route of a request: as noted, else what sort of address it is; all pages count as one."""
    if noted:
        return noted[0]
    found = next((prefix for prefix in _APART if path.startswith(prefix)), None)
    return "/(page)" if found is None else f"{found}*" if found.endswith(("/", "-")) else found
