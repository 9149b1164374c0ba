"""Copies on this machine of what lies in object storage: each under a key of its content, bounded in all, shared by processes.

A copy in use is one whose `HeldPath` some process still has: it holds a shared lock on the file, without which
nobody removes it. Copies never change, so none is ever out of date: a newer content has another key.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.artefacts.errors import unwritable

_LOCK = ".lock"


class HeldPath(type(Path())):
    """A path to a copy, which stays for as long as this object does."""

    holding: _Hold | None = None


class _Hold:
    """A shared lock on an open file, given back when nobody has it any more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


@dataclass(frozen=True)
class _Found:
    path: Path
    bytes: int
    used: float
    partial: bool


class FileCache:
    """The copies below one folder.

    Args:
        folder: theirs; may be removed at any time that nothing uses it. most: bytes that all may take together. What is in use stays even
            beyond that, and a single larger file is copied all the same.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self._most = most

    def held(self, key: str, name: str) -> Path | None:
        """The copy of a key under the last part of `name`; None if there is none."""
        return _hold(self._place(key, name))

    def fill(self, key: str, name: str, size: int, fetch: Callable[[Path], object]) -> Path:
        """The copy of a key, made by `fetch` if there is none: it writes `size` bytes to the path that it is given, and raises if they are wrong.

        Of several at once one fetches, and the others wait for it. Raises DiskFull, ArtefactError, and what `fetch` raises.
        """
        place = self._place(key, name)
        partial = place.with_name(f".{size}.partial")
        while True:
            found = _hold(place)
            if found is not None:
                return found
            with self._begun(partial, size) as mine:
                # whoever had it before may have made the copy, or given up
                if mine and not place.exists():
                    fetch(partial)
                    os.replace(partial, place)

    def missing(self, name: str) -> Path:
        """A place where nothing lies."""
        return self.folder / "missing" / Path(name).name

    @contextlib.contextmanager
    def _begun(self, partial: Path, size: int) -> Iterator[bool]:
        """An unfinished copy that only this process writes, with room made for it; False if another one took it away meanwhile."""
        try:
            with self._alone():
                partial.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                descriptor = os.open(partial, os.O_RDWR | os.O_CREAT, 0o600)
                self._make_room(size, partial)
        except OSError as error:
            raise unwritable(partial, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield os.fstat(descriptor).st_nlink > 0
        finally:
            # after a success it has its name, and this removes nothing
            with contextlib.suppress(OSError):
                if os.fstat(descriptor).st_ino == partial.stat().st_ino:
                    partial.unlink()
            os.close(descriptor)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time makes room."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_room(self, size: int, wanted: Path) -> None:
        """Remove copies, those used longest ago first, until `size` more bytes fit, and what processes that died were writing."""
        found = sorted(self._all(), key=lambda each: each.used)
        for each in [each for each in found if each.partial and each.path != wanted]:
            if _removed(each.path):
                found.remove(each)
        left = self._most - size - sum(each.bytes for each in found if each.path != wanted)
        for each in found:
            if left >= 0:
                return
            if not each.partial and _removed(each.path):
                left += each.bytes

    def _all(self) -> Iterator[_Found]:
        with os.scandir(self.folder) as folders:
            kept = [entry.path for entry in folders if entry.is_dir(follow_symlinks=False)]
        for folder in kept:
            with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
                for entry in entries:
                    partial = entry.name.endswith(".partial") and entry.name.startswith(".")
                    with contextlib.suppress(FileNotFoundError):
                        seen = entry.stat(follow_symlinks=False)
                        # an unfinished one counts with what it will be
                        size = int(entry.name[1:-8]) if partial and entry.name[1:-8].isdecimal() else seen.st_size
                        yield _Found(Path(entry.path), size, seen.st_atime, partial)

    def _place(self, key: str, name: str) -> Path:
        return self.folder / key / Path(name).name


def _hold(path: Path) -> Path | None:
    """The path with its file in use from now on; None if it is not there, or is being removed."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    hold = _Hold(descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    seen = os.fstat(descriptor)
    if seen.st_nlink == 0:
        return None
    with contextlib.suppress(OSError):
        # the time of use alone: what knows a file by its time of change keeps knowing it
        os.utime(descriptor, ns=(max(_now_ns(), seen.st_atime_ns + 1), seen.st_mtime_ns))
    held = HeldPath(path)
    held.holding = hold
    return held


def _now_ns() -> int:
    import time

    return time.time_ns()


def _removed(path: Path) -> bool:
    """Remove a file that nobody uses; False if somebody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    with contextlib.suppress(OSError):
        path.parent.rmdir()
    return True
