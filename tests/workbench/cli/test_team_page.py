"""The commands of the page for teams work as they stand there."""

from __future__ import annotations

import io
import re
import shlex
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.roles import ROLES, WORDS
from workbench.settings import Settings

PAGE = (ROOT / "docs" / "team.md").read_text(encoding="utf-8")
USERS = PAGE.partition("## Users")[2].partition("## The store")[0]


def test_every_command_about_users_works_in_its_order(trellis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for block in re.findall(r"```sh\n(.*?)```", USERS, re.DOTALL) for line in block.splitlines()]
    assert len(lines) > 5
    for line in lines:
        command, _, redirected = line.partition(" < ")
        monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n" if redirected else ""))
        program, *arguments = shlex.split(command, comments=True)
        assert program == "trellis"
        said = trellis(*arguments)
        assert said.code == 0, f"{line}\n{said.out}{said.err}"
    assert "disabled" in trellis("users", "list").out


def test_the_page_lists_every_role_as_it_is() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", USERS, re.MULTILINE))
    assert tuple(rows) == ROLES
    assert rows == WORDS


def test_the_settings_that_it_names_are_settings() -> None:
    named = set(re.findall(r"TRELLIS_([A-Z_]+)", PAGE))
    assert named <= {name.upper() for name in Settings.model_fields}
    assert {"PROCESSES", "TRUSTED_PROXIES", "TOKEN", "DATABASE_URL"} <= named
