"""How many requests came, to which routes, how they were answered and how long that took."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.measuring import Tally

COUNTED = "trellis.requests"
"""Where in a request's scope the tally of all requests is, for whoever tells of it."""
ROUTE = "trellis.route"
"""Where in a request's scope its route is noted, by whoever knows it: a list that copies of the scope share."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_APART = ("/_dash-", "/assets/", "/vendor/", "/login", "/health", "/theme.css", "/docs-files/", "/docs", "/openapi.json")


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
        status, begun = 500, time.monotonic()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app({**scope, ROUTE: noted, COUNTED: self._tally}, receive, seen)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._tally.add((method, route_of(scope["path"], noted), str(status)), time.monotonic() - begun)


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
