"""Who a browser is: a random id in a signed cookie, given on its first page.

The id is what undo, history and "two people never see each other's selection" hang on. It is not a login.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import flask
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "trellis_browser"
_YEAR = 365 * 24 * 3600
_ID = re.compile(r"[0-9a-f]{16}")


class SecretError(OSError):
    """The cookie secret cannot be read or made; the message says why and what to do."""


def secret_of(home: Path) -> str:
    """The secret that signs cookies: made once, kept in the home folder, readable by its owner only. Raises SecretError."""
    path = home / "cookie-secret"
    try:
        return _secret_at(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(
            f"The cookie secret {path} cannot be used ({_reason(error)}). Remove it and start again; every browser then counts as a new one."
        ) from error


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "it is damaged" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)


def _secret_at(path: Path) -> str:
    for _ in range(2):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            found = path.read_text("ascii").strip()
            if len(found) >= 32:
                return found
            path.unlink(missing_ok=True)
            continue
        with os.fdopen(descriptor, "w") as file:
            made = secrets.token_hex(32)
            file.write(made)
        return made
    raise OSError("another process keeps emptying it")


def install(server: flask.Flask, secret: str) -> None:
    """Give every request to `server` a `flask.g.browser_id`, and every new browser its cookie."""
    serializer = URLSafeSerializer(secret, salt=COOKIE)

    def recognise() -> None:
        try:
            found = serializer.loads(flask.request.cookies.get(COOKIE, ""))
        except BadSignature:
            found = None
        known = isinstance(found, str) and _ID.fullmatch(found) is not None
        flask.g.browser_id = found if known else secrets.token_hex(8)
        flask.g.browser_is_new = not known

    def remember(response: flask.Response) -> flask.Response:
        if flask.g.get("browser_is_new"):
            value = str(serializer.dumps(flask.g.browser_id))
            response.set_cookie(COOKIE, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=flask.request.is_secure)
        return response

    server.before_request(recognise)
    server.after_request(remember)
