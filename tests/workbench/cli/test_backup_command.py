"""`trellis backup` and `trellis restore` say what they did, and never write over anything unasked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def backup(trellis: Any, home: Path, tmp_path: Path) -> Path:
    """A backup of a home with a trained model."""
    assert trellis("train", "--preset", "plain", "--data", "tiny", "--name", "First", "--set", "max_epochs=1").code == 0
    file = tmp_path / "all.zip"
    said = trellis("backup", str(file))
    assert said.code == 0, said.err
    assert "1 model and 1 run at" in said.out
    return file


def test_a_backup_is_put_back_into_another_home(trellis: Any, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = json.loads(trellis("models", "list", "--json").out)
    monkeypatch.setenv("TRELLIS_HOME", str(tmp_path / "other"))
    monkeypatch.delenv("TRELLIS_DATABASE_URL", raising=False)
    values = json.loads(trellis("restore", str(backup), "--json").out)
    assert values["models"] == values["runs"] == 1
    assert json.loads(trellis("models", "list", "--json").out) == before
    said = trellis("restore", str(backup))
    assert said.code == 1
    assert "is not empty" in said.err


def test_a_file_that_is_there_is_replaced_only_when_told_so(trellis: Any, backup: Path, home: Path) -> None:
    content = backup.read_bytes()
    said = trellis("backup", str(backup))
    assert said.code == 1
    assert "--force" in said.err
    assert "--file" not in said.err
    assert backup.read_bytes() == content
    assert trellis("backup", str(backup), "--force").code == 0
    assert trellis("backup", str(home / "inside.zip")).code == 1


def test_what_cannot_be_restored_is_said_in_a_sentence(trellis: Any, home: Path, tmp_path: Path) -> None:
    said = trellis("restore", str(tmp_path / "nowhere.zip"))
    assert said.code == 1
    assert "There is no file" in said.err
    assert list(home.iterdir()) == []
