"""The server: REST and pages in one ASGI application, on one port.

The Dash app (Flask inside) is mounted at `/` through a2wsgi, so that callbacks run on a thread pool and a slow one
blocks nobody; what open pages ask most goes past it (`dashboard.live.answering`). REST is a FastAPI application beside it that is made when it is first asked for, or soon after the start:
importing and describing it takes about as long as a first page may take, and no page needs it. So is the store opened,
which the pages' frame does without.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import identity, static, theme
from dashboard.access import AccessMiddleware, Door
from dashboard.background import JobManager
from dashboard.below import Below, below
from dashboard.bundles import Bundles
from dashboard.context import AppContext
from dashboard.icons import Icons
from dashboard.live import answering
from dashboard.login import LoginMiddleware
from dashboard.opening import Opening
from dashboard.packing import PackingMiddleware
from dashboard.pages_app import ASSETS, create_pages
from dashboard.requests_seen import RequestsSeen, note
from dashboard.security import SecurityMiddleware, content_security_policy
from dashboard.serving import ServeError, serve
from workbench.measuring import Tally
from workbench.outages import for_anyone
from workbench.store.errors import StoreError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from workbench.settings import Settings
    from workbench.workbench import Workbench

__all__ = ["ServeError", "create_server", "serve"]

STREAMED = ("/api/uploads", "/api/uploads/")
"""Where files are written to disk as they arrive."""
UPLOADS = ("/api/datasets", "/api/datasets/", "/api/uploads", "/api/uploads/")
"""Addresses to which files may be posted."""

CALLBACK_THREADS = 16
"""Callbacks and page loads served at once; more wait their turn."""

REST_ADDRESSES = ("/api", "/docs", "/docs-files", "/openapi.json")
"""Addresses that are REST's, whatever lies under them: a wrong path there is its 404, a wrong method its 405."""

STORE_AFTER_SECONDS = 0.1
"""When the store is opened if nobody has needed it: once the first answer is likely to have left."""

REST_AFTER_SECONDS = 3.0
"""When the REST application is made if nobody has asked for it: after a first page is likely to have been drawn."""

QUIET_SECONDS, REST_BY_SECONDS = 1.0, 15.0
"""It waits until nothing has been asked for so long, since making it holds everything up for half a second; but no longer than this."""


class CacheError(RuntimeError):
    """The folder of background results cannot be used; the message says why and what to do."""


class Asked:
    """When something was last asked of the server."""

    def __init__(self) -> None:
        self._at = -math.inf

    def within(self, seconds: float) -> bool:
        """Whether that was within so many seconds."""
        return time.monotonic() - self._at < seconds

    def noting(self, app: ASGIApp) -> ASGIApp:
        """The application, whose requests are noted."""

        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            self._at = time.monotonic()
            await app(scope, receive, send)

        return noted


class Rest(BaseRoute):
    """The route of everything REST: makes its application once, in a thread, and hands requests on as they are."""

    def __init__(self, opened: Callable[[], Workbench], base: str) -> None:
        self._opened = opened
        self.base = base
        self._app: FastAPI | None = None
        self._lock = threading.Lock()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        mine = scope["type"] == "http" and any(path == prefix or path.startswith(prefix + "/") for prefix in REST_ADDRESSES)
        return (Match.FULL if mine else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            app: ASGIApp = self._app or await asyncio.to_thread(self.made)
        except StoreError as error:
            from dashboard.api.errors import store_response

            app = store_response(error)
        if self._app is not None:
            note(scope, self._app.state.patterns)
        await app(scope, receive, send)

    def made(self) -> FastAPI:
        """The application; the first call makes it. Raises StoreError if the store cannot be opened."""
        with self._lock:
            if self._app is None:
                from fastapi import FastAPI

                from dashboard.api import install_api

                servers = [{"url": self.base}] if self.base else None
                app = FastAPI(title="Trellis", version=_version(), docs_url=None, redoc_url=None, servers=servers)
                install_api(app, self._opened())
                self._app = app
            return self._app


def create_server(
    settings: Settings, workbench: Workbench | None = None, *, on_unusable: Callable[[StoreError], object] = lambda error: None
) -> Starlette:
    """The whole application for these settings.

    Args:
        settings: where the store is, which hosts may ask. workbench: an open one to use instead of opening one once the
            server answers; whoever opened it closes it. on_unusable: told if the store cannot be opened then.

    Raises:
        SettingsError: the home folder cannot be written. SecretError, CacheError: what lies there cannot be used.
    """
    settings.prepare()
    opening, ended = Opening(settings, workbench), threading.Event()
    manager = _manager(settings.cache / "background")
    secret = identity.secret_of(settings.home)
    bundles = Bundles(ASSETS, Icons(ASSETS, Path(__file__).parent, kept=settings.cache / "icons.css"))
    with below(settings.base_path):
        pages = create_pages(AppContext(opening, settings), manager, secret, bundles)
    policy = content_security_policy(pages.csp_hashes())
    rest = Rest(opening, settings.base_path)
    door = Door(opening)

    asked = Asked()

    def make_rest() -> None:
        until = time.monotonic() + REST_BY_SECONDS - REST_AFTER_SECONDS
        while asked.within(QUIET_SECONDS) and time.monotonic() < until:
            if ended.wait(QUIET_SECONDS / 4):
                return
        # That the store cannot be opened has been told by then.
        with contextlib.suppress(StoreError):
            rest.made()

    def open_up() -> None:
        try:
            opening.keep_watch()
            door.people()
        except StoreError as error:
            on_unusable(error)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        soon = [_later(STORE_AFTER_SECONDS, open_up), _later(REST_AFTER_SECONDS, make_rest)]
        yield
        ended.set()
        for timer in soon:
            timer.cancel()
        manager.end_jobs()
        opening.close()

    async def health(_request: Request) -> JSONResponse:
        try:
            return JSONResponse({"status": "ok", "version": (await asyncio.to_thread(lambda: opening().state())).version})
        except StoreError as error:
            return JSONResponse({"status": "failing", "reason": for_anyone(error)}, status_code=503)

    async def colours(_request: Request) -> Response:
        return Response(theme.stylesheet(), media_type="text/css", headers={"cache-control": "no-cache"})

    wsgi: Any = WSGIMiddleware(pages.server, workers=CALLBACK_THREADS)
    routes = [
        rest,
        Route("/health", health),
        Route("/theme.css", colours),
        answering.route(opening),
        bundles.route(),
        Mount(static.BOOTSTRAP_URL, static.bootstrap_files()),
        Mount("/", wsgi),
    ]
    # With a token or users, another name for this server gains nothing: the browser sends no cookie to it.
    limit = settings.max_upload_mib * 2**20
    hosts = (settings.host,) if settings.token is None else None
    middleware = [
        *([Middleware(Below, path=settings.base_path)] if settings.base_path else []),
        Middleware(asked.noting),
        Middleware(RequestsSeen, tally=Tally()),
        Middleware(
            SecurityMiddleware,
            policy=lambda: policy,
            hosts=hosts,
            any_host=door.closed,
            uploads=UPLOADS,
            streamed=STREAMED,
            max_streamed=limit,
        ),
        Middleware(AccessMiddleware, door=door),
    ]
    if settings.token is not None:
        middleware.append(Middleware(LoginMiddleware, token=settings.token.get_secret_value(), secret=secret))
    middleware.append(Middleware(PackingMiddleware))
    return Starlette(routes=routes, middleware=middleware, lifespan=lifespan)


def _manager(folder: Path) -> JobManager:
    """The manager of background callbacks; a damaged folder is made anew, since nothing in it is worth keeping. Raises CacheError."""
    try:
        try:
            return JobManager(folder)
        except (sqlite3.Error, FileExistsError, NotADirectoryError):
            shutil.rmtree(folder, ignore_errors=True)
            folder.unlink(missing_ok=True)
            return JobManager(folder)
    except (sqlite3.Error, OSError) as error:
        raise CacheError(f"The cache {folder} cannot be used ({error}). Remove it and start again; nothing in it is kept.") from error


def _later(seconds: float, call: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    return timer


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("trellis")
    except PackageNotFoundError:
        return "0"
