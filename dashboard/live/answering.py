"""The address that open pages ask: once a second while a run goes on, by several at once, so it goes past Flask, which costs more than a look."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.acting import require
from dashboard.asking import refused
from dashboard.live.look import Asked, look

if TYPE_CHECKING:
    from workbench.workbench import Workbench

ADDRESS = "/live-look"


def route(opened: Callable[[], Workbench]) -> Route:
    """The route of looks at what the workbench holds that `opened` gives."""

    async def answer(request: Request) -> Response:
        status, text = await asyncio.to_thread(answered, opened, await request.body())
        return Response(text, status, media_type="application/json")

    return Route(ADDRESS, answer, methods=["POST"])


def answered(opened: Callable[[], Workbench], body: bytes) -> tuple[int, str]:
    """The status and the JSON that answer one look: 400 for what no page of this server says, errors in words."""
    try:
        require("read")
        return 200, look(opened(), Asked.model_validate_json(body))
    except ValidationError as error:
        text = f"This is no look of this server's pages; if they are of an earlier version, reload them ({error.error_count()} faults)."
        return 400, json.dumps({"error": {"code": "invalid", "message": text, "fields": [], "hint": None}})
    except Exception as error:
        return refused(error)
