"""`/docs`: the browsable API, served with local files and without a single inline script."""

from __future__ import annotations

import inspect
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from dashboard.below import at


def page() -> str:
    """The document of `/docs`."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Trellis API</title>
<link rel="stylesheet" href="{at("/docs-files/swagger-ui.css")}"><link rel="icon" href="{at("/docs-files/favicon.png")}"></head>
<body><nav style="font: 1rem system-ui, sans-serif; padding: 0.75rem 1.25rem"><a href="{at("/")}">&larr; Back to Trellis</a></nav>
<main id="swagger-ui"></main>
<script src="{at("/docs-files/swagger-ui-bundle.js")}"></script><script src="{at("/docs/start.js")}"></script></body></html>"""


def summarise(router: APIRouter) -> None:
    """Let every route's summary be the first sentence that its function says of itself, not a guess from its name.

    Raises ValueError for a route that says nothing.
    """
    for route in router.routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        said = " ".join((inspect.getdoc(route.endpoint) or "").split())
        if not said:
            raise ValueError(f"the route {route.path} needs a docstring: its first sentence is its summary")
        route.summary = said.partition(". ")[0].removesuffix(".")


def install_docs(app: FastAPI) -> None:
    """Serve the browsable docs at `/docs`; the files come from the installed package fastapi-offline."""
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package fastapi-offline is missing; run `make run` again to complete the environment")
    app.mount("/docs-files", StaticFiles(directory=Path(spec.origin).parent / "static"))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(page())

    @app.get("/docs/start.js", include_in_schema=False)
    def start() -> Response:
        text = f"window.ui = SwaggerUIBundle({{url: '{at('/openapi.json')}', dom_id: '#swagger-ui', deepLinking: true}});"
        return Response(text, media_type="text/javascript")
