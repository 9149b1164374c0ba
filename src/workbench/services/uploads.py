"""Files that somebody has sent and not yet made a dataset of: kept for a day, so that they can be looked at first."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workbench.artefacts import DiskFull
from workbench.commands.base import CommandError

KEPT_SECONDS = 24 * 3600.0
"""How long a file is kept that nobody makes a dataset of."""

LEFT_FREE = 256 * 1024**2
"""Bytes of the disk that a file that arrives must leave free."""

_ID = re.compile(r"[0-9a-f]{32}")
_STRANGE = re.compile(r"[^A-Za-z0-9._-]")
_NAME, _CONTENT, _ARRIVING = "name.txt", "content", "arriving"


@dataclass(frozen=True)
class Uploaded:
    """A file that was sent: its id, what its sender calls it, where it lies (under nearly that name)."""

    id: str
    name: str
    path: Path


@dataclass
class Arriving:
    """A file that arrives: write to `file`, then `keep` it."""

    uploads: Uploads
    id: str
    file: IO[bytes]
    kept: bool = False

    def keep(self, name: str) -> Uploaded:
        """The whole file, under what its sender calls it. Raises OSError."""
        self.file.close()
        found = self.uploads.named(self.id, name)
        self.kept = True
        return found


class Uploads:
    """The files that were sent to one home folder.

    Args:
        folder: where they lie; made with access for its owner alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, content: bytes) -> Uploaded:
        """Keep a file. Those that were kept for too long go. Raises OSError."""
        with self.arriving() as arriving:
            arriving.file.write(content)
            return arriving.keep(name)

    @contextmanager
    def arriving(self, size: int = 0) -> Iterator[Arriving]:
        """A place for a file that is about to arrive; what was not kept when the block ends is gone.

        Args:
            size: bytes that it will have, as far as they are known.

        Raises DiskFull if there is no room for it, and OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget()
        free = shutil.disk_usage(self._folder).free
        if size > free - LEFT_FREE:
            message = f"The file has {size / 2**20:,.0f} MiB, and the disk of the server has {free / 2**20:,.0f} MiB left."
            raise DiskFull(f"{message} Free some space there, or send a smaller file.")
        id = secrets.token_hex(16)
        place = self._folder / id / _CONTENT
        place.mkdir(parents=True, mode=0o700)
        arriving = None
        try:
            with (place / _ARRIVING).open("wb") as file:
                arriving = Arriving(self, id, file)
                yield arriving
        finally:
            if arriving is None or not arriving.kept:
                self.remove(id)

    def named(self, id: str, name: str) -> Uploaded:
        """Give a file that has arrived its name, with which it can be found. Raises OSError."""
        place = self._folder / id / _CONTENT
        # a file's name says what kind it is, and is never a path
        (place / _ARRIVING).rename(place / (_STRANGE.sub("_", name)[-80:].lstrip(".") or "upload"))
        (place.parent / _NAME).write_text(name, "utf-8")
        return self.get(id)

    def get(self, id: str) -> Uploaded:
        """A file that is kept. Raises CommandError not_found."""
        try:
            if not _ID.fullmatch(id):
                raise FileNotFoundError(id)
            name = (self._folder / id / _NAME).read_text("utf-8")
            (path,) = (self._folder / id / _CONTENT).iterdir()
        except (OSError, ValueError) as error:
            message = "The uploaded file is no longer here: it was imported, thrown away, or kept for a day."
            raise CommandError(message, "upload", "Upload it again.", code="not_found") from error
        return Uploaded(id, name, path)

    def remove(self, id: str) -> None:
        """Throw a file away; nothing for one that is not there."""
        if _ID.fullmatch(id):
            shutil.rmtree(self._folder / id, ignore_errors=True)

    def _forget(self) -> None:
        before = time.time() - KEPT_SECONDS
        for place in self._folder.iterdir():
            if _ID.fullmatch(place.name) and place.stat().st_mtime < before:
                shutil.rmtree(place, ignore_errors=True)
