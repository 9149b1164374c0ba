"""A workbench of which backups are made, and backups that somebody has changed."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.runs import inline
from workbench.backup import taking
from workbench.commands.records import NoteCommand
from workbench.state import Kind
from workbench.workbench import Workbench


@pytest.fixture
def used(bench: Any, make_model: Any) -> Workbench:
    """A workbench with a trained model, another one, notes, and a file of one's own in its home."""
    bench.runs.executor = inline.NoWorkers()
    model = make_model("First", max_epochs=2)
    inline.start(bench, model)
    inline.work(bench)
    make_model("Second")
    bench.store.execute(NoteCommand(kind=Kind.MODEL, id=model.id, note="é🙂"), actor="me")
    own = bench.settings.home / "configs" / "models"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("layer: model\n")
    for left_out in ("cache", "downloads", "logs"):
        (bench.settings.home / left_out).mkdir(exist_ok=True)
        (bench.settings.home / left_out / "file").write_text("not kept")
    return bench


@pytest.fixture
def rewritten(used: Workbench, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """rewritten(change) -> a backup whose entries `change` has had its way with: a list of (ZipInfo, bytes)."""
    source = tmp_path / "all.zip"
    taking.take(used.store, used.settings, source)

    def rewrite(change: Callable[[list[tuple[zipfile.ZipInfo, bytes]]], Any]) -> Path:
        with zipfile.ZipFile(source) as archive:
            entries = [(info, archive.read(info)) for info in archive.infolist()]
        change(entries)
        file = tmp_path / "changed.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for info, content in entries:
                archive.writestr(info, content)
        return file

    yield rewrite
    shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
