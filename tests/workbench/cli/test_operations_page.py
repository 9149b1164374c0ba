"""The commands of the page on operations work as they stand there."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.doctor import devices

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = [
    found.groups()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if (found := re.fullmatch(r"(?:TRELLIS_HOME=(\w+) )?trellis (.+)", line))
]
"""(another home or None, arguments)."""


def test_every_command_of_the_page_works_in_its_order(trellis: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "devices", lambda settings: iter(()))
    monkeypatch.setenv("TRELLIS_PORT", "0")
    monkeypatch.chdir(tmp_path)
    assert trellis("train", "--preset", "plain", "--data", "tiny", "--set", "max_epochs=1").code == 0
    assert len(COMMANDS) >= 2
    for home, command in COMMANDS:
        with pytest.MonkeyPatch.context() as patch:
            if home is not None:
                patch.setenv("TRELLIS_HOME", home)
                patch.delenv("TRELLIS_DATABASE_URL", raising=False)
            said = trellis(*shlex.split(command, comments=True))
        assert said.code == 0, f"{command}\n{said.out}{said.err}"
