"""`trellis gc` shows what lies about for nothing, and clears it away only when told so."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from workbench.settings import Settings
from workbench.workbench import Workbench

DAY = 24 * 3600


@pytest.fixture
def untidy(trellis: Any, home: Path) -> dict[str, Path]:
    """A home with a trained model and leftovers of every sort, old ones and young ones."""
    assert trellis("train", "--preset", "plain", "--data", "tiny", "--name", "First", "--set", "max_epochs=1").code == 0
    places = {
        "orphan": home / "artefacts" / "runs" / "run_0000000000000",
        "data": home / "artefacts" / "datasets" / "data_0000000000000",
        "partial": home / "artefacts" / "models" / ".sample.npz.0123456789ab.partial",
        "upload": home / "cache" / "uploads" / ("0" * 32),
        "young": home / "artefacts" / "runs" / "run_0000000000001",
        "young partial": home / ".names.0123456789ab.partial",
        "foreign": home / "artefacts" / "runs" / "notes-of-mine",
    }
    for name, path in places.items():
        if "partial" in name:
            path.write_bytes(b"x" * 100)
        else:
            path.mkdir(parents=True)
            (path / "file").write_bytes(b"x" * 100)
        if "young" not in name:
            aged(path, 90)
    return places


def aged(path: Path, days: float) -> None:
    """Have something look as if nobody had touched it for that long."""
    at = time.time() - days * DAY
    for each in (*path.rglob("*"), path):
        os.utime(each, (at, at))


def test_without_yes_nothing_is_changed(trellis: Any, untidy: dict[str, Path]) -> None:
    for arguments in ((), ("--dry-run",)):
        said = trellis("gc", *arguments)
        assert said.code == 0
        assert str(untidy["orphan"]) in said.out
        assert "Nothing was changed" in said.err
    assert all(path.exists() for path in untidy.values())
    assert trellis("gc", "--yes", "--dry-run").code == 2


def test_with_yes_what_is_old_and_of_nobody_goes(trellis: Any, untidy: dict[str, Path]) -> None:
    values = json.loads(trellis("gc", "--json").out)
    assert values["cleared"] is None
    assert {each["path"] for each in values["leftovers"]} == {str(untidy[n]) for n in ("orphan", "data", "partial", "upload")}
    said = trellis("gc", "--yes")
    assert said.code == 0
    assert "Cleared: records 0, files and folders 4, 4" in said.out
    assert {name for name, path in untidy.items() if path.exists()} == {"young", "young partial", "foreign"}
    assert json.loads(trellis("models", "list", "--json").out)[0]["weights"] is not None
    assert trellis("audit").code == 0
    assert trellis("gc").out.startswith("Nothing to clear away")


def test_records_that_were_deleted_go_after_so_many_days(trellis: Any, home: Path) -> None:
    assert trellis("train", "--preset", "plain", "--data", "tiny", "--name", "First", "--set", "max_epochs=1").code == 0
    bench = Workbench.open(Settings.load())
    (model,) = bench.state().models
    bench.models.delete(actor="me", model_id=model)
    bench.close()
    assert json.loads(trellis("gc", "--json").out)["deleted"] == []
    said = trellis("gc", "--older-than", "0", "--yes")
    assert "model #1 First" in said.out
    assert "with its model" in said.out
    assert "Cleared: records 2, files and folders 2" in said.out
    assert not list((home / "artefacts" / "models").iterdir())


def test_compiled_programs_beyond_the_bound_go_those_used_longest_ago_first(trellis: Any, home: Path) -> None:
    folder = home / "cache" / "compiled" / "jax"
    folder.mkdir(parents=True)
    for number in range(4):
        file = folder / f"program {number}:a"
        file.write_bytes(b"x" * 2**20)
        aged(file, number)
    assert json.loads(trellis("gc", "--json").out)["leftovers"] == []
    said = trellis("gc", "--compiled-mib", "2", "--yes")
    assert "2 files" in said.out
    assert sorted(path.name for path in folder.iterdir()) == ["program 0:a", "program 1:a"]
    assert trellis("gc", "--compiled-mib", "0", "--yes").code == 0
    assert list(folder.iterdir()) == []


def test_a_link_goes_itself_and_never_what_it_leads_to(trellis: Any, untidy: dict[str, Path], tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_text("mine")
    (untidy["orphan"] / "link").symlink_to(mine)
    (untidy["orphan"].parent / "run_0000000000002").symlink_to(mine)
    aged(untidy["orphan"], 90)
    (untidy["orphan"] / "link").lstat()
    os.utime(untidy["orphan"] / "link", (0, 0), follow_symlinks=False)
    os.utime(mine, (0, 0))
    assert trellis("gc", "--yes", "--older-than", "0").code == 0
    assert not untidy["orphan"].exists()
    assert (mine / "file").read_text() == "mine"
