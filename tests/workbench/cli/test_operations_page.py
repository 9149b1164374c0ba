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
    shlex.split(line, comments=True)[1:]
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("trellis ")
]


def test_every_command_of_the_page_works_in_its_order(trellis: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "devices", lambda settings: iter(()))
    monkeypatch.setenv("TRELLIS_PORT", "0")
    monkeypatch.chdir(tmp_path)
    assert trellis("train", "--preset", "plain", "--data", "tiny", "--set", "max_epochs=1").code == 0
    assert len(COMMANDS) >= 2
    for command in COMMANDS:
        said = trellis(*command)
        assert said.code == 0, (command, said)
