"""`trellis users` sees to users, and shows no secret but once."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Standard input with a line."""

    def put(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return put


@pytest.fixture
def ann(trellis: Any, typed: Any) -> None:
    typed(PASSWORD + "\n")
    done = trellis("users", "add", "ann", "--role", "administer", "--password-stdin", "--display-name", "Ann Ames")
    assert done.code == 0
    assert "From now on the server asks everybody to log in." in done.out


@pytest.mark.usefixtures("ann")
def test_users_are_added_listed_and_changed(trellis: Any, home: Path) -> None:
    assert trellis("users", "add", "ben", "--role", "label", "--no-password").out == "ben is a user now, with the role label.\n"
    found = json.loads(trellis("users", "list", "--json").out)
    assert [(p["name"], p["display_name"], p["role"], p["has_password"]) for p in found] == [
        ("ann", "Ann Ames", "administer", True), ("ben", "ben", "label", False),
    ]  # fmt: skip
    assert trellis("users", "role", "ben", "train").code == trellis("users", "disable", "ben").code == 0
    assert trellis("users", "rename", "ben", "Ben Bold").code == 0
    line = next(line for line in trellis("users", "list").out.splitlines() if line.startswith("ben"))
    assert "Ben Bold" in line
    assert "train" in line
    assert "disabled" in line
    assert trellis("users", "enable", "ben").code == 0
    refused = trellis("users", "disable", "ann")
    assert refused.code == 1
    assert "only administrator" in refused.err


@pytest.mark.usefixtures("ann")
def test_a_token_is_shown_once_and_revoked_by_its_name(trellis: Any) -> None:
    secret = trellis("users", "tokens", "ann", "--add", "nightly", "--days", "30").out.strip()
    assert secret.startswith("trellis_")
    listed = trellis("users", "tokens", "ann").out + trellis("users", "tokens", "ann", "--json").out
    assert "nightly" in listed
    assert secret not in listed
    assert trellis("users", "tokens", "ann", "--revoke", "nightly").code == 0
    assert trellis("users", "tokens", "ann").out == "ann has no tokens.\n"
    assert trellis("users", "tokens", "ann", "--revoke", "nightly").code == 1


@pytest.mark.usefixtures("ann")
def test_a_password_is_changed_from_standard_input_and_never_typed_into_a_pipe(trellis: Any, typed: Any) -> None:
    typed("another long password\n")
    assert trellis("users", "password", "ann", "--password-stdin").code == 0
    typed("short\n")
    refused = trellis("users", "password", "ann", "--password-stdin")
    assert refused.code == 1
    assert "10 to 200 characters" in refused.err
    assert "short" not in refused.err.replace("too short", "")
    typed("")
    assert "--password-stdin" in trellis("users", "password", "ann").err
    assert trellis("users", "sessions", "ann", "--end").out == "ann is logged out everywhere; 0 sessions ended.\n"


def test_the_first_user_must_be_an_administrator(trellis: Any) -> None:
    refused = trellis("users", "add", "ben", "--role", "train", "--no-password")
    assert refused.code == 1
    assert "must be an administrator" in refused.err
    assert "There are no users" in trellis("users", "list").out
