"""Files that are written on this machine and become objects: at once where somebody waits for that, else in the background."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.artefacts.errors import ArtefactError, ArtefactsAway, UnsafePath, unreadable, unwritable
from workbench.artefacts.folder import ordinary_files
from workbench.artefacts.names import key_of
from workbench.artefacts.root import Artefact, Working

if TYPE_CHECKING:
    from workbench.artefacts.stored import StoredRoot

LOOK_SECONDS = 1.0
"""How often the background looks for files that have changed."""
QUIET_SECONDS = 2.0
"""How long nothing may have been written to a file before the background stores it."""
LONGEST_PAUSE = 30.0
"""Seconds between two tries of the background, at most."""

Seen = tuple[int, int, int]


class Publishing(Working):
    """A folder below `staging`, which goes with the block, or with the next one on this machine if its process was killed.

    A background thread stores what changes there. What it cannot store, because the storage does not answer, it tries again later.
    """

    def __init__(self, root: StoredRoot, name: str) -> None:
        self._root = root
        self._name = name
        self._published: dict[str, tuple[Seen, Artefact]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        try:
            root.staging.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own = root.staging / secrets.token_hex(8)
            with (root.staging / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                _clear_dead(root.staging)
                self._own.mkdir(mode=0o700)
                self._held = os.open(self._own, os.O_RDONLY)
                fcntl.flock(self._held, fcntl.LOCK_EX)
            self.path = self._own / name
            self.path.mkdir(parents=True)
        except OSError as error:
            raise unwritable(root.staging, error) from error
        self._thread = threading.Thread(target=self._look, name="publishing", daemon=True)
        self._thread.start()

    def name_of(self, path: Path) -> str:
        """The object's name."""
        absolute = Path(os.path.abspath(path))
        if not absolute.is_relative_to(self.path):
            raise UnsafePath(f"{path} is not below the folder {self.path}")
        name = absolute.relative_to(self._own).as_posix()
        key_of(name)
        return name

    def publish(self, path: Path) -> Artefact:
        """Store a file, unless just that is stored."""
        name = self.name_of(path)
        with self._lock:
            seen, known = _seen(path), self._published.get(name)
            if known is None or known[0] != seen:
                known = self._published[name] = (seen, self._root.write_copy(name, path))
            return known[1]

    def publish_all(self) -> None:
        """Store what has changed, and remove what went."""
        for path in ordinary_files(self.path):
            self.publish(path)
        self._remove_gone()

    def fetch(self, folder: str) -> None:
        """Copy what is stored below a folder of this one, in place of what lies there."""
        base = f"{self._name}/{folder}"
        shutil.rmtree(self._own / base, ignore_errors=True)
        for name in self._root.looks(base):
            target = self._own / key_of(name)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise unwritable(target, error) from error
            with self._lock:
                self._root.fetch(name, target)
                self._published[name] = (_seen(target), Artefact(name, target.stat().st_size, self._root.sha256(name)))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._ended.set()
        if kind is None or issubclass(kind, Exception):
            self._thread.join()
        # else the process is about to leave, because it may write no more: what is under way ends with it
        shutil.rmtree(self._own, ignore_errors=True)
        os.close(self._held)

    def _look(self) -> None:
        pause = LOOK_SECONDS
        while not self._ended.wait(pause):
            try:
                for path in self._quiet():
                    self.publish(path)
                self._remove_gone()
                pause = LOOK_SECONDS
            except (ArtefactsAway, ArtefactError, OSError):
                # a storage that is away, or a file that went while it was read; what stays in the way is said by whoever has to wait
                pause = min(2 * pause, LONGEST_PAUSE)

    def _quiet(self) -> Iterator[Path]:
        now = time.time()
        for path in ordinary_files(self.path):
            with contextlib.suppress(FileNotFoundError):
                if now - path.stat().st_mtime >= QUIET_SECONDS and not self._ended.is_set():
                    yield path

    def _remove_gone(self) -> None:
        with self._lock:
            for name in [name for name in self._published if not (self._own / name).exists()]:
                self._root.remove(name)
                del self._published[name]


def _seen(path: Path) -> Seen:
    try:
        seen = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def _clear_dead(staging: Path) -> None:
    """Remove the folders of processes that are gone: their locks went with them."""
    for folder in staging.iterdir():
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
