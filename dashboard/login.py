"""The token that a server beyond this machine asks for: a login page for people, a bearer token for programs.

Nothing here runs when no token is set. A person's login is a signed cookie that says which token it was given for, so a
new token ends every session.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.attempts import Attempts, client_of
from dashboard.below import at, base
from dashboard.static import BOOTSTRAP_URL, STYLESHEET

COOKIE = "trellis_login"
LET_IN = "trellis.let_in"
"""Where in a request's scope it says that a user was recognised, of whom no token is asked."""
PUBLIC = frozenset({
    "/health", "/theme.css", "/assets/addresses.js", "/assets/boot/theme.js", "/assets/boot/login.js", "/assets/favicon.svg", "/assets/1-base.css",
})  # fmt: skip
"""Addresses that need no token, beside Bootstrap's: what the login page is made of, and whether the server lives."""

WEEK = 7 * 24 * 3600
"""Seconds that a login lasts."""


def login_page(words: str, fields: Sequence[tuple[str, str, str, str]]) -> str:
    """A page that asks for something and sends it as JSON to its own address.

    Args:
        words: what it asks for, a sentence. fields: (name, label, type, autocomplete) of each.
    """
    shown = len(fields) > 1
    inputs = "".join(
        f'<label class="{"field-label" if shown else "visually-hidden"}" for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" class="form-control" autocomplete="{completed}" required{"" if place else " autofocus"}>'
        for place, (name, label, kind, completed) in enumerate(fields)
    )
    sheets = "".join(f'<link rel="stylesheet" href="{at(url)}">' for url in (STYLESHEET, "/theme.css", "/assets/1-base.css"))
    return f"""<!doctype html>
<html lang="en" data-base="{base()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · Trellis</title><link rel="icon" href="{at("/assets/favicon.svg")}" type="image/svg+xml">
<script src="{at("/assets/boot/theme.js")}"></script>{sheets}</head>
<body><main class="empty"><h2>Trellis</h2><p>{words}</p>
<form id="login" class="login">{inputs}
<p id="answer" class="field-message" role="alert"></p>
<div class="empty-actions"><button class="btn btn-primary">Log in</button></div></form></main>
<script src="{at("/assets/addresses.js")}"></script><script src="{at("/assets/boot/login.js")}"></script></body></html>"""


def page(request: Request) -> str:
    """The page that asks for the token."""
    return login_page(greeting(request, "This server asks for its token."), (("token", "Token", "password", "current-password"),))


class LoginMiddleware:
    """Lets through what shows the token; answers everything else with the login page or a 401.

    Args:
        app: the application behind. token: what must be shown. secret: signs the cookie.
    """

    def __init__(self, app: ASGIApp, *, token: str, secret: str) -> None:
        self._app = app
        self._token = token.encode()
        self._serializer = URLSafeTimedSerializer(secret, salt=COOKIE)
        self._mark = hashlib.sha256(self._token).hexdigest()[:32]
        self._attempts = Attempts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get(LET_IN):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = request.url.path
        if path == "/login":
            answer = await self._login(request)
        elif path in PUBLIC or path.startswith(BOOTSTRAP_URL + "/"):
            answer = None
        else:
            answer = await self._shown(request)
        await (self._app if answer is None else answer)(scope, receive, send)

    async def _shown(self, request: Request) -> Response | None:
        """None if the request shows the token or a cookie given for it, else the answer."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            # Headers arrive as the bytes that were sent, one character a byte.
            return await self._judged(request, given.strip().encode("latin-1"), refused(request, COOKIE))
        try:
            mark = self._serializer.loads(request.cookies.get(COOKIE, ""), max_age=WEEK)
        except BadSignature:
            return refused(request, COOKIE)
        return None if isinstance(mark, str) and hmac.compare_digest(mark.encode(), self._mark.encode()) else refused(request, COOKIE)

    async def _login(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            return HTMLResponse(page(request))
        if request.method != "POST":
            answer = told(405, "not_allowed", "The login page is read with GET and sent with POST.")
            answer.headers["allow"] = "GET, HEAD, POST"
            return answer
        try:
            given = str(json.loads(await request.body())["token"]).encode()
        except (ValueError, KeyError, TypeError, RecursionError):
            return told(422, "invalid", 'Send {"token": ...}.')
        wrong = await self._judged(request, given, told(401, "wrong_token", "This is not the token of this server."))
        if wrong is not None:
            return wrong
        answer = JSONResponse({"status": "ok"})
        answer.set_cookie(
            COOKIE,
            str(self._serializer.dumps(self._mark)),
            max_age=WEEK,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    async def _judged(self, request: Request, given: bytes, wrong: Response) -> Response | None:
        """None for the right token, else what to answer: `wrong`, or that this client has to wait."""
        client = client_of(request.scope)
        right = await self._attempts.judge(client, lambda: hmac.compare_digest(given, self._token))
        if right is not None:
            return None if right else wrong
        answer = told(429, "too_many_attempts", "Too many wrong tokens from this address. Wait a minute and try again.")
        answer.headers["retry-after"] = str(self._attempts.seconds_left(client))
        return answer


ENDED = "ended"
"""Why a page leads to the login, in its address: there was a session, and it has ended."""
ENDED_WORDS = "You were logged out. What was confirmed is kept; what you did last may not have reached the server."


def greeting(request: Request, words: str) -> str:
    """What a login page says first: `words`, after why one is here again."""
    return f"{ENDED_WORDS} {words}" if request.query_params.get("why") == ENDED else words


def refused(request: Request, cookie: str) -> Response:
    """The login page for a person who opens a page, a 401 for everything else. `cookie`: the name of what a login leaves."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        why = f"why={ENDED}&" if cookie in request.cookies else ""
        return RedirectResponse(f"/login?{why}next={quote(wanted, safe='')}", status_code=303)
    if "authorization" in request.headers:
        answer = told(401, "token_wrong", "This token is not known here, or it has expired or was revoked.")
    else:
        answer = told(401, "token_needed", "This server asks for a token: send it as Authorization: Bearer <token>.")
    answer.headers["www-authenticate"] = "Bearer"
    return answer


def told(status: int, code: str, message: str) -> JSONResponse:
    """A refusal in the format that REST has."""
    return JSONResponse({"error": {"code": code, "message": message, "fields": [], "hint": None}}, status_code=status)
