"""`Idempotency-Key`: a POST that is sent twice with the same key is carried out once and answered the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dashboard.api.dependencies import acting_as
from workbench.clock import to_text
from workbench.commands.base import CommandError
from workbench.store.once import KEPT
from workbench.store.schema import idempotency as table
from workbench.workbench import Workbench

ABANDONED = timedelta(minutes=5)
"""A request that has had no answer for this long died with its server; its key is free again."""
REPLAY = "Idempotent-Replay"
"""The header of an answer that was given before."""
_UNDER_WAY = 0
_KEPT_HEADERS = ("location", "etag", "content-type")


def _documented(
    key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", max_length=200, description="Any text; the same key within 24 hours gets the first answer again."),
    ] = None,
) -> None:
    """Declares the header to OpenAPI; IdempotentRoute reads it."""


IDEMPOTENT = Depends(_documented)
"""Put it among the `dependencies` of a POST of a router whose `route_class` is IdempotentRoute."""


class IdempotentRoute(APIRoute):
    """Carries out a POST with a known `Idempotency-Key` only once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        declared = IDEMPOTENT in self.dependencies

        async def once(request: Request) -> Response:
            key = request.headers.get("idempotency-key") if declared else None
            if not key or len(key) > 200:
                return await handle(request)
            bench: Workbench = request.app.state.workbench
            digest = hashlib.sha256(request.url.path.encode() + b"\0" + await request.body()).hexdigest()
            answered = await run_in_threadpool(_claim, bench, key, digest)
            if answered is not None:
                return answered
            try:
                response = await handle(request)
            except BaseException:
                await run_in_threadpool(_release, bench, key)
                raise
            await run_in_threadpool(_keep, bench, key, response)
            return response

        return once


def _claim(bench: Workbench, key: str, digest: str) -> Response | None:
    """Take the key for this request, or give the answer kept for it.

    Raises CommandError (conflict) if the first request is under way, or if it was another one.
    """
    now = datetime.now(UTC)
    with bench.store.engine.begin() as connection:
        connection.execute(delete(table).where(table.c.at < to_text(now - KEPT)))
        connection.execute(delete(table).where(table.c.status == _UNDER_WAY, table.c.at < to_text(now - ABANDONED)))
    row = {
        "actor": acting_as(),
        "key": key,
        "request_sha256": digest,
        "status": _UNDER_WAY,
        "body": "",
        "headers": "{}",
        "at": to_text(now),
    }
    try:
        with bench.store.engine.begin() as connection:
            connection.execute(insert(table).values(row))
    except IntegrityError:
        with bench.store.engine.connect() as connection:
            found = connection.execute(select(table).where(table.c.actor == acting_as(), table.c.key == key)).one_or_none()
        if found is None or found.status == _UNDER_WAY:
            raise CommandError(
                "the first request with this Idempotency-Key is still being carried out; ask again", code="conflict"
            ) from None
        if found.request_sha256 != digest:
            raise CommandError("this Idempotency-Key was used for another request; use a new one", code="conflict") from None
        return Response(found.body, status_code=found.status, headers={**json.loads(found.headers), REPLAY: "true"})
    return None


def _release(bench: Workbench, key: str) -> None:
    """Forget a request that was refused: it changed nothing, so it may be corrected and sent again."""
    with bench.store.engine.begin() as connection:
        connection.execute(delete(table).where(table.c.actor == acting_as(), table.c.key == key))


def _keep(bench: Workbench, key: str, response: Response) -> None:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    values = {"status": response.status_code, "body": bytes(response.body).decode(), "headers": json.dumps(headers)}
    with bench.store.engine.begin() as connection:
        connection.execute(update(table).where(table.c.actor == acting_as(), table.c.key == key).values(values))
