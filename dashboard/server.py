"""The server: REST and pages in one ASGI application, on one port.

FastAPI stands outside; the Dash app (Flask inside) is mounted at `/` through a2wsgi, so that callbacks run on a
thread pool and a slow one blocks nobody.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from a2wsgi import WSGIMiddleware
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Mount
from starlette.types import Scope

from dashboard import identity, static, theme
from dashboard.background import FollowerManager
from dashboard.context import AppContext
from dashboard.login import LoginMiddleware
from dashboard.pages_app import create_pages
from dashboard.security import SecurityMiddleware, content_security_policy
from dashboard.serving import ServeError, serve

if TYPE_CHECKING:
    from workbench.settings import Settings
    from workbench.workbench import Workbench

__all__ = ["ServeError", "create_server", "serve"]

CALLBACK_THREADS = 16
"""Callbacks and page loads served at once; more wait their turn."""

NOT_PAGES = ("/api", "/docs", "/openapi.json", "/health", "/vendor", "/theme.css")
"""Addresses that never fall through to the pages, so that a wrong method or path there is a plain 404 or 405."""


class PagesMount(Mount):
    """The pages at `/`: every address that is not somebody else's."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        if any(path == prefix or path.startswith(prefix + "/") for prefix in NOT_PAGES):
            return Match.NONE, {}
        return super().matches(scope)


def create_server(settings: Settings, workbench: Workbench | None = None) -> FastAPI:
    """The whole application for these settings.

    Args:
        settings: where the store is, which hosts may ask. workbench: an open one to use instead of opening it here;
            whoever opened it closes it.

    Raises:
        SettingsError: the home folder cannot be written.
    """
    from dashboard.api import install_api
    from workbench.workbench import Workbench

    settings.prepare()
    opened = Workbench.open(settings) if workbench is None else workbench
    manager = FollowerManager(settings.cache / "background")
    secret = identity.secret_of(settings.home)
    pages = create_pages(AppContext(opened, settings), manager, secret)
    policy = content_security_policy(pages.csp_hashes())

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        opened.runs.keep_watch()
        yield
        manager.end_jobs()
        opened.runs.close()
        if workbench is None:
            opened.close()

    app = FastAPI(title="Trellis", version=_version(), docs_url=None, redoc_url=None, lifespan=lifespan)
    install_api(app, opened)

    @app.get("/health", include_in_schema=False)
    def health() -> JSONResponse:
        return JSONResponse({"status": "ok", "version": opened.state().version})

    @app.get("/theme.css", include_in_schema=False)
    def colours() -> Response:
        return Response(theme.stylesheet(), media_type="text/css", headers={"cache-control": "no-cache"})

    app.mount(static.BOOTSTRAP_URL, static.bootstrap_files())
    wsgi: Any = WSGIMiddleware(pages.server, workers=CALLBACK_THREADS)
    app.router.routes.append(PagesMount("/", app=wsgi))
    if settings.token is not None:
        app.add_middleware(LoginMiddleware, token=settings.token.get_secret_value(), secret=secret)
    # With a token, another name for this server gains nothing: the browser sends no cookie to it.
    app.add_middleware(SecurityMiddleware, policy=lambda: policy, hosts=(settings.host,) if settings.token is None else None)
    return app


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("trellis")
    except PackageNotFoundError:
        return "0"
