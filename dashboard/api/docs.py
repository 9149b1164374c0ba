"""`/docs`: the browsable API, served with local files and without a single inline script."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Trellis API</title>
<link rel="stylesheet" href="/docs-files/swagger-ui.css"><link rel="icon" href="/docs-files/favicon.png"></head>
<body><main id="swagger-ui"></main>
<script src="/docs-files/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>"""
_START = "window.ui = SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true});"


def install_docs(app: FastAPI) -> None:
    """Serve the browsable docs at `/docs`; the files come from the installed package fastapi-offline."""
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package fastapi-offline is missing; run `make run` again to complete the environment")
    app.mount("/docs-files", StaticFiles(directory=Path(spec.origin).parent / "static"))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(_PAGE)

    @app.get("/docs/start.js", include_in_schema=False)
    def start() -> Response:
        return Response(_START, media_type="text/javascript")
