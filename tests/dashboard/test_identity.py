from __future__ import annotations

import stat
from pathlib import Path

import flask
import pytest

from dashboard import identity
from dashboard.context import actor


def server(secret: str = "s" * 64) -> flask.Flask:
    app = flask.Flask("test")
    identity.install(app, secret)
    app.add_url_rule("/who", view_func=lambda: actor())
    return app


def test_a_browser_keeps_its_id_over_requests_and_two_browsers_differ() -> None:
    app = server()
    first, second = app.test_client(), app.test_client()
    who = first.get("/who").text
    assert who.startswith("browser:")
    assert first.get("/who").text == who
    assert second.get("/who").text != who


def test_a_forged_cookie_gives_a_new_id() -> None:
    app = server()
    forger = app.test_client()
    forger.set_cookie(identity.COOKIE, "deadbeefdeadbeef.AAAA")
    assert forger.get("/who").text != "browser:deadbeefdeadbeef"


def test_a_cookie_signed_with_another_secret_is_not_believed() -> None:
    mine, other = server(), server("t" * 64)
    client = other.test_client()
    theirs = client.get("/who").text
    visitor = mine.test_client()
    visitor.set_cookie(identity.COOKIE, client.get_cookie(identity.COOKIE).value)  # type: ignore[union-attr]
    assert visitor.get("/who").text != theirs


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_across_sites() -> None:
    header = server().test_client().get("/who").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    made = identity.secret_of(tmp_path)
    assert identity.secret_of(tmp_path) == made
    assert len(made) == 64
    assert stat.S_IMODE((tmp_path / "cookie-secret").stat().st_mode) == 0o600


def test_an_emptied_secret_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "cookie-secret").write_text("")
    assert len(identity.secret_of(tmp_path)) == 64


def test_a_home_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        identity.secret_of(tmp_path / "missing")
