"""`trellis export`: what there is, written to files, and errors in words."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import Said


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands are given."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_there_is_is_listed_and_written(trellis: Callable[..., Said], folder: Path) -> None:
    trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--set", "max_epochs=2")
    listed = {offer["name"]: offer for offer in json.loads(trellis("export", "First", "--json").out)}
    assert listed.keys() >= {"weights", "config", "report", "figures"}
    said = trellis("export", "First", "weights")
    assert said.code == 0, said.err
    assert (folder / "first-weights.msgpack").stat().st_size == listed["weights"]["bytes"]
    told = json.loads(trellis("export", "1", "config", "--out", "sub/mine.yaml", "--json").out)
    assert Path(told["file"]) == folder / "sub" / "mine.yaml"
    assert told["bytes"] == (folder / "sub" / "mine.yaml").stat().st_size == listed["config"]["bytes"]
    said = trellis("export", "First", "weights", "--out", "sub")
    assert said.code == 0, said.err
    assert (folder / "sub" / "first-weights.msgpack").stat().st_size == listed["weights"]["bytes"]
    assert trellis("export", "First", "weights", "--out", "sub/", "--force").code == 0
    said = trellis("export", "First", "weights", "--out", "new/")
    assert (folder / "new" / "first-weights.msgpack").is_file(), "what ends in a slash is a folder, there or not"
    assert str(folder / "new" / "first-weights.msgpack") in said.err
    assert trellis("train", "sub/mine.yaml").code == 0


def test_what_cannot_be_written_is_said_and_nothing_is(trellis: Callable[..., Said], folder: Path) -> None:
    trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--set", "max_epochs=2")
    said = trellis("export", "First", "wheights")
    assert said.code != 0
    assert "Did you mean weights?" in said.err
    assert "it has no parts" in trellis("export", "First", "weights", "--part", "test").err
    assert [path.name for path in folder.iterdir()] == ["home"]


def test_nothing_is_written_over_what_is_there_or_into_trellis_own_folder(trellis: Callable[..., Said], folder: Path, home: Path) -> None:
    trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--set", "max_epochs=2")
    precious = folder / "precious.yaml"
    precious.write_text("mine", encoding="utf-8")
    said = trellis("export", "First", "config", "--out", "precious.yaml")
    assert (said.code, precious.read_text(encoding="utf-8")) == (1, "mine")
    assert "is there already" in said.err
    assert "--force" in said.err
    for place in (home / "trellis.db", home / "new.yaml", home / "artefacts" / "x.yaml"):
        said = trellis("export", "First", "config", "--out", str(place), "--force")
        assert said.code == 1
        assert "keeps its own files" in said.err
    linked = folder / "linked.yaml"
    linked.symlink_to(home / "trellis.db")
    assert "keeps its own files" in trellis("export", "First", "config", "--out", "linked.yaml", "--force").err
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    assert "no ordinary file" in trellis("export", "First", "config", "--out", "pipe", "--force").err
    assert trellis("export", "First", "config", "--out", "precious.yaml", "--force").code == 0
    assert precious.read_text(encoding="utf-8") != "mine"
    assert trellis("runs", "list").code == 0


def test_a_path_in_the_place_of_what_to_write_is_told_how_it_is_said(trellis: Callable[..., Said], folder: Path) -> None:
    trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--set", "max_epochs=1")
    said = trellis("export", "1", "out/weights")
    assert said.code == 2
    assert "trellis export 1 weights --out out/weights" in " ".join(said.err.replace("│", " ").split())
    assert "trellis export 1 WHAT --out" in " ".join(trellis("export", "1", "/tmp/x.bin").err.replace("│", " ").split())
