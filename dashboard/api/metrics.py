"""`/api/metrics` for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from dashboard.api.dependencies import Bench
from dashboard.requests_seen import COUNTED

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(bench: Bench, request: Request) -> PlainTextResponse:
    """Counts, sizes and times in Prometheus' text format. Commands, requests and memory are those of this process since its start."""
    # loaded when somebody asks: most servers are watched by nobody
    from dashboard.api.exposition import exposition

    return PlainTextResponse(exposition(bench, request.scope[COUNTED]), media_type="text/plain; version=0.0.4")
