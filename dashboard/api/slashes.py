"""Addresses with a slash at their end are those without it: `/api/models/` is `/api/models`, with no redirect between."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/api/"


class SlashlessMiddleware:
    """Takes one slash off the end of every address of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(PREFIX) and path.endswith("/") and len(path) > len(PREFIX):
            scope = {**scope, "path": path[:-1]}
        await self._app(scope, receive, send)
