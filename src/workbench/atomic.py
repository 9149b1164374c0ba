"""Writing a file so that a reader, a crash or a full disk never meets half of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file to write to, which becomes `path` when the block ends and leaves nothing behind if it raises.

    The content goes to a temporary file in the same folder, is flushed to the disk, and takes the name in one step.
    Raises OSError (a full disk, a folder that is missing or cannot be written); `path` then still holds what it held.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically. Raises OSError."""
    with atomic_file(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, atomically. Raises OSError."""
    write_bytes(path, content.encode())


def write_with(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill the file (for writers such as numpy's that take an open file), atomically. Raises OSError."""
    with atomic_file(path) as file:
        write(file)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
