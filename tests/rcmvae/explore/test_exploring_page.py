"""The commands of docs/exploring.md do what the page says, on a trained model."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from workbench.cli.app import run as trellis
from workbench.state import ModelRecord
from workbench.workbench import Workbench

PAGE = Path(__file__).parents[3] / "docs" / "exploring.md"


def commands() -> list[list[str]]:
    """The page's commands, without what stands behind #."""
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line, comments=True) for line in block.splitlines() if line.strip()]


def test_the_commands_of_the_page_run_from_top_to_bottom(
    bench: Workbench, model: ModelRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRELLIS_HOME", str(bench.settings.home))
    monkeypatch.chdir(tmp_path)
    asked = commands()
    assert len(asked) >= 6
    suggested = ""
    for name, *words in asked:
        assert name == "trellis"
        # the model of this test, and the row that was suggested for it
        words = [str(model.number) if word == "1" else re.sub(r"^\d+=", f"{suggested}=", word) for word in words]
        assert trellis(words) == 0, words
        said = capsys.readouterr().out
        if words[0] == "suggest":
            suggested = said.splitlines()[1].split()[0]
    assert bench.state().labels[model.id][int(suggested)].label == 8
    assert sorted(os.listdir(tmp_path)) == sorted([f"{model.name}-labelled.zip", "labels.csv"])
