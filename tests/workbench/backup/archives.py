"""Putting backups back elsewhere, and archives that somebody has changed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.backup import restoring
from workbench.backup.archive import BackupError
from workbench.settings import Settings


def elsewhere(tmp_path: Path, **given: Any) -> Settings:
    """Settings of another, empty home, whatever the variables say."""
    home = tmp_path / "elsewhere"
    return Settings.load(**{"home": home, "artefacts": home / "artefacts", "database_url": f"sqlite:///{home / 'trellis.db'}", **given})


def refused(file: Path, tmp_path: Path, match: str) -> None:
    """A file that is not put back, and leaves nothing."""
    settings = elsewhere(tmp_path)
    with pytest.raises(BackupError, match=match):
        restoring.restore(file, settings)
    assert not settings.home.exists()


def listed(entries: list[tuple[zipfile.ZipInfo, bytes]], change: Callable[[dict[str, Any]], Any]) -> None:
    """Have the manifest say something else."""
    info, content = entries.pop()
    said = json.loads(content)
    change(said)
    entries.append((info, json.dumps(said).encode()))


def add(name: str, content: bytes = b"x", mode: int = 0, also: bool = True) -> Callable[[list[Any]], None]:
    """Have an archive hold one more file, which its manifest lists `also`."""

    def change(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        entries.insert(0, (info, content))
        if also:
            entry = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            listed(entries, lambda said: said["files"].append(entry))

    return change
