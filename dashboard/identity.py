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


def secret_of(home: Path) -> str:
    """The secret that signs cookies: made once, kept in the home folder, readable by its owner only.

    Raises OSError when the home folder cannot be written.
    """
    path = home / "cookie-secret"
    for _ in range(2):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            found = path.read_text().strip()
            if len(found) >= 32:
                return found
            path.unlink(missing_ok=True)
            continue
        with os.fdopen(descriptor, "w") as file:
            made = secrets.token_hex(32)
            file.write(made)
        return made
    raise OSError(f"{path} keeps being emptied by another process; remove it and start again")


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
