"""Who may come in once there are users: a login page for people, personal tokens for programs, and nobody else.

Without users nothing here does anything; the server's token, if it has one, is asked for by `dashboard.login`. With users that token
lets nobody in any more: it would go round their roles.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.acting import Acting, as_acting
from dashboard.attempts import client_of
from dashboard.limits import Limits, TooMany
from dashboard.login import LET_IN, PUBLIC, WEEK, greeting, login_page, refused, told
from dashboard.static import BOOTSTRAP_URL
from workbench.outages import for_anyone
from workbench.store.errors import StoreError

if TYPE_CHECKING:
    from dashboard.opening import Opening
    from workbench.people.people import People

COOKIE = "trellis_session"

CODE = ("/assets/", "/_dash-component-suites/", f"{BOOTSTRAP_URL}/")
"""Addresses below which there is the pages' code, which is the same for everybody."""
FRAME = ("/", "/_dash-layout", "/_dash-dependencies")
"""Addresses of the frame, which holds nothing of anybody's either: it is served before the store is open."""

LOOK_AGAIN_SECONDS = 1.0
"""A server without users looks this often whether there are some by now."""

FIELDS = (("name", "Name", "text", "username"), ("password", "Password", "password", "current-password"))
"""What the login page asks for."""


class Door:
    """Whether there are users: asked of the store when somebody comes, remembered for ever once there are."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._lock = threading.Lock()
        self._any = False
        self._looked: float | None = None

    def people(self) -> People | None:
        """The users; None if there are none. Opens the store, if nobody has. Raises StoreError if that is not known."""
        workbench = self._opening()
        if self._any:
            return workbench.people
        with self._lock:
            if not self._is_fresh():
                self._any, self._looked = workbench.people.any(), time.monotonic()
        return workbench.people if self._any else None

    def none_now(self) -> bool:
        """Whether there was nobody a moment ago, so that nothing has to be asked."""
        return not self._any and self._is_fresh()

    def closed(self) -> bool:
        """Whether there are users, as far as can be told now."""
        try:
            return self._any or (self._opening.is_open and self.people() is not None)
        except StoreError:
            return self._any

    def can_wait(self, path: str) -> bool:
        """Whether an address may be served before it is known: it holds nothing of anybody's, and the store is not open yet."""
        return path in FRAME and not self._opening.is_open

    def knows_nobody(self) -> bool:
        """Whether there was nobody when that could last be asked."""
        return self._looked is not None and not self._any

    def _is_fresh(self) -> bool:
        return self._looked is not None and time.monotonic() - self._looked < LOOK_AGAIN_SECONDS


class AccessMiddleware:
    """Recognises users and sends everybody else to the login page, once there are users."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door
        self._limits = Limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(CODE) or path in PUBLIC or self._door.none_now() or self._door.can_wait(path):
            await self._app(scope, receive, send)
            return
        try:
            people = await asyncio.to_thread(self._door.people)
            if people is None:
                await self._app(scope, receive, send)
                return
            answer = await self._answered(people, Request(scope, receive))
        except StoreError as error:
            if self._door.knows_nobody():
                await self._app(scope, receive, send)
                return
            answer = told(503, "unavailable", for_anyone(error))
            answer.headers["retry-after"] = "5"
        if isinstance(answer, Acting):
            with as_acting(answer):
                await self._app({**scope, LET_IN: True}, receive, send)
        else:
            await answer(scope, receive, send)

    async def _answered(self, people: People, request: Request) -> Acting | Response:
        """Who acts, or what to answer instead. Raises StoreError."""
        path = request.url.path
        if path == "/login":
            return await self._login(people, request)
        who = await self._shown(people, request)
        if path != "/logout" or not isinstance(who, Acting):
            return who
        if request.method != "POST":
            return _only("POST", "Logging out is sent with POST.")
        if who.session is not None:
            await asyncio.to_thread(people.sessions.end_all, who.person.id, only=who.session)
        answer = JSONResponse({"status": "ok"})
        answer.delete_cookie(COOKIE)
        return answer

    async def _shown(self, people: People, request: Request) -> Acting | Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            person = await asyncio.to_thread(people.tokens.of_secret, given.strip())
            if person is not None:
                return Acting(person, None)
            try:
                await self._limits.wrong(people, client_of(request.scope))
            except TooMany as error:
                return _too_many(error)
            return refused(request, COOKIE)
        cookie = request.cookies.get(COOKIE)
        found = await asyncio.to_thread(people.sessions.of_secret, cookie) if cookie else None
        return refused(request, COOKIE) if found is None else Acting(*found)

    async def _login(self, people: People, request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            return HTMLResponse(login_page(greeting(request, "Log in with your name and password."), FIELDS))
        if request.method != "POST":
            return _only("GET, HEAD, POST", "The login page is read with GET and sent with POST.")
        try:
            given = json.loads(await request.body())
            name, password = given["name"], given["password"]
            if not isinstance(name, str) or not isinstance(password, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            return told(422, "invalid", 'Send {"name": ..., "password": ...}.')
        try:
            person = await self._limits.judge(people, client_of(request.scope), name, lambda: people.with_password(name, password))
        except TooMany as error:
            return _too_many(error)
        if person is None:
            return told(401, "wrong_password", "This name and password do not belong together.")
        browser = request.headers.get("user-agent", "")
        secret = await asyncio.to_thread(people.sessions.begin, person.id, browser)
        answer = JSONResponse({"status": "ok"})
        answer.set_cookie(COOKIE, secret, max_age=WEEK, httponly=True, samesite="lax", secure=request.url.scheme == "https")
        return answer


def _only(methods: str, message: str) -> Response:
    answer = told(405, "not_allowed", message)
    answer.headers["allow"] = methods
    return answer


def _too_many(error: TooMany) -> Response:
    answer = told(429, "too_many_attempts", "Too many wrong logins. Wait a minute and try again.")
    answer.headers["retry-after"] = str(error.seconds)
    return answer
