"""How much of the disk things take, and when they were touched last. Links are counted as themselves and never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.families.exporting import Size
from workbench.services.exports import size_words


@dataclass(frozen=True)
class Seen:
    """A file or a folder with all in it: bytes, number of files, and the newest time of change (seconds since 1970)."""

    bytes: int = 0
    files: int = 0
    changed: float = 0.0


def look(path: Path) -> Seen:
    """What a file or folder takes; nothing for one that is not there. What goes while it is counted is left out."""
    size, count, changed = 0, 0, 0.0
    for found in _entries(path):
        changed = max(changed, found.st_mtime)
        if not stat.S_ISDIR(found.st_mode):
            size, count = size + found.st_size, count + 1
    return Seen(size, count, changed)


def bytes_words(size: int) -> str:
    """Bytes for people: "12.3 kB"."""
    return size_words(Size(size, exact=True))


def _entries(path: Path) -> Iterator[os.stat_result]:
    try:
        yield path.lstat()
    except OSError:
        return
    for parent, folders, names in os.walk(path):
        for name in (*folders, *names):
            try:
                yield Path(parent, name).lstat()
            except OSError:
                continue
