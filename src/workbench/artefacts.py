"""Artefacts: files below one root, written whole or not at all, never unpickled, never outside the root."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

MAX_ARRAY_BYTES = 8 * 1024**3
"""Largest size an `.npz` may unpack to; a small file that claims more is refused."""

KEPT = 64
"""Files whose content stays in memory for `ArtefactRoot.kept`, the last ones read."""


class ArtefactError(ValueError):
    """An artefact that cannot be read or written; the message names the file, what is wrong and what to do."""


class UnsafePath(ArtefactError):
    """A name that would leave the artefact root, or goes through a link."""


class DiskFull(ArtefactError):
    """No space is left for a write. What was there before is untouched."""


@dataclass(frozen=True)
class Artefact:
    """A file below the root: its name (relative, forward slashes), size in bytes and sha256."""

    name: str
    size: int
    sha256: str


class ArtefactRoot:
    """The folder that holds every artefact. Names are relative, with forward slashes: `models/<id>/sample.npz`."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))
        self._kept: dict[tuple[object, ...], Any] = {}

    def path(self, name: str) -> Path:
        """The file's place on disk, existing or not. Raises UnsafePath for a name that is not plainly below the root."""
        return resolve_below(self.folder, name)

    def name_of(self, path: Path) -> str:
        """The name of a file below the root. Raises UnsafePath for any other."""
        absolute = Path(os.path.abspath(path))
        if not absolute.is_relative_to(self.folder):
            raise UnsafePath(f"{path} is not below the artefact folder {self.folder}")
        name = absolute.relative_to(self.folder).as_posix()
        self.path(name)
        return name

    def make_folder(self, name: str) -> Path:
        """The folder of that name, created if need be."""
        folder = self.path(name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def exists(self, name: str) -> bool:
        """Whether a regular file of that name exists."""
        return self.path(name).is_file()

    def write_bytes(self, name: str, data: bytes) -> Artefact:
        """Write a file whole. Raises DiskFull, ArtefactError."""
        write_atomic(self.path(name), data)
        return Artefact(name, len(data), hashlib.sha256(data).hexdigest())

    def write_text(self, name: str, text: str) -> Artefact:
        """Write UTF-8 text whole."""
        return self.write_bytes(name, text.encode())

    def write_json(self, name: str, value: Any) -> Artefact:
        """Write a JSON value whole, indented for people."""
        return self.write_text(name, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")

    def write_arrays(self, name: str, arrays: Mapping[str, Any]) -> Artefact:
        """Write numeric arrays as a compressed `.npz` without pickle; equal arrays give equal bytes."""
        return self.write_bytes(name, pack_arrays(arrays))

    def write_copy(self, name: str, source: Path) -> Artefact:
        """Copy a file from anywhere, without holding it in memory. Raises DiskFull, ArtefactError."""
        path = self.path(name)
        with source.open("rb") as given, writing(path) as file:
            shutil.copyfileobj(given, file)
        return Artefact(name, path.stat().st_size, sha256_of(path))

    def verified(self, name: str, sha256: str) -> Path:
        """A file's place, if its content is what was written; it is not held in memory. Raises ArtefactError."""
        path = self.path(name)
        if not path.is_file():
            raise self._missing(name)
        if sha256_of(path) != sha256:
            raise self._changed(path)
        return path

    def read_bytes(self, name: str, sha256: str | None = None) -> bytes:
        """A file's bytes; with `sha256`, only if they are what was written. Raises ArtefactError."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise self._missing(name) from error
        except OSError as error:
            raise ArtefactError(f"The file {path} cannot be read: {error.strerror or error}.") from error
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise self._changed(path)
        return data

    def read_arrays(self, name: str, sha256: str | None = None) -> dict[str, Any]:
        """The arrays of an `.npz`. Raises ArtefactError for a missing, changed, torn or pickled file."""
        return unpack_arrays(self.read_bytes(name, sha256), name)

    def kept(self, name: str, sha256: str, make: Callable[[dict[str, Any]], Any]) -> Any:
        """What `make` makes of an `.npz`'s arrays, kept while the file stays as it is. Raises ArtefactError."""
        try:
            seen = self.path(name).stat()
        except OSError:
            self.read_bytes(name)  # says in words why it cannot be read
            raise
        key = (name, seen.st_mtime_ns, seen.st_size, seen.st_ino)
        found = self._kept.get(key)
        if found is None:
            found = make(self.read_arrays(name, sha256))
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = found
        return found

    def read_json(self, name: str, sha256: str | None = None) -> Any:
        """The value of a JSON file. Raises ArtefactError."""
        try:
            return json.loads(self.read_bytes(name, sha256))
        except ValueError as error:
            raise error if isinstance(error, ArtefactError) else ArtefactError(f"The file {name} is not valid JSON: {error}.") from error

    def _missing(self, name: str) -> ArtefactError:
        return ArtefactError(f"The file {name} is missing below {self.folder}. Restore it from a backup, or create it anew.")

    def _changed(self, path: Path) -> ArtefactError:
        return ArtefactError(f"The file {path} is not what was written: its sha256 differs. Restore it from a backup, or create it anew.")

    def copy(self, source: str, target: str) -> Artefact:
        """Copy one file to another name."""
        return self.write_bytes(target, self.read_bytes(source))

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all it holds; nothing happens if there is none."""
        path = self.path(name)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def files(self, folder: str) -> tuple[Artefact, ...]:
        """Every regular file below a folder by name, links and unfinished writes left out."""
        base = self.path(folder)
        found = []
        for parent, folders, names in os.walk(base):
            folders[:] = sorted(f for f in folders if not Path(parent, f).is_symlink())
            for name in sorted(names):
                path = Path(parent, name)
                if path.is_file() and not path.is_symlink() and not is_partial(name):
                    found.append(Artefact(path.relative_to(self.folder).as_posix(), path.stat().st_size, sha256_of(path)))
        return tuple(found)


def resolve_below(folder: Path, name: str) -> Path:
    """The path of `name` below `folder`. Raises UnsafePath for absolute names, `..`, odd characters, links and what is too long."""
    parts = PurePosixPath(name).parts if name else ()
    odd = "\\" in name or any(ord(character) < 32 or ord(character) == 127 for character in name)
    if not parts or odd or PurePosixPath(name).is_absolute() or ".." in parts or any(":" in part for part in parts):
        raise UnsafePath(f"{name!r} is not a file name below the artefact folder")
    path = folder
    try:
        for part in parts:
            path = path / part
            if path.is_symlink():
                raise UnsafePath(f"{name!r} goes through the link {path}; links are not followed")
    except OSError as error:
        # A name longer than the file system's, or a folder that may not be looked into.
        raise UnsafePath(f"{_short(name)} is no name of a file here: {error.strerror or error}") from error
    return path


def _short(name: str) -> str:
    return repr(name) if len(name) <= 80 else f"{name[:80]!r}…"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path`, complete and on disk, when the block ends without an error, or not at all.

    It is written under a temporary name in the same folder, fsynced, renamed, and the folder is fsynced. Raises DiskFull, ArtefactError.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _write_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path` whole or not at all. Raises DiskFull, ArtefactError."""
    with writing(path) as file:
        file.write(data)


def sha256_of(path: Path) -> str:
    """The sha256 of a file as 64 hex digits. Raises ArtefactError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtefactError(f"The file {path} cannot be read: {error.strerror or error}.") from error


def pack_arrays(arrays: Mapping[str, Any]) -> bytes:
    """Arrays as `.npz` bytes. Raises ArtefactError for arrays of objects, which only pickle could hold."""
    import numpy as np

    plain = {name: np.asarray(array) for name, array in arrays.items()}
    for name, array in plain.items():
        if array.dtype.hasobject:
            raise ArtefactError(f"The array {name} holds Python objects; only numbers and text are stored.")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **plain)  # pyright: ignore[reportArgumentType]
    return buffer.getvalue()


def unpack_arrays(data: bytes | Path, name: str = "the file", wanted: Callable[[str], bool] = lambda _: True) -> dict[str, Any]:
    """The arrays of `.npz` bytes, or of a file of them, nothing unpickled. Raises ArtefactError.

    Args:
        data: of a file, what is not wanted is not read. wanted: whether the array of a name is read; the others are left alone.
    """
    import numpy as np

    def source() -> Any:
        return io.BytesIO(data) if isinstance(data, bytes) else data

    try:
        with zipfile.ZipFile(source()) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_ARRAY_BYTES:
            raise ArtefactError(f"{name} would unpack to {size:,} bytes, more than the {MAX_ARRAY_BYTES:,} allowed.")
        with np.load(source(), allow_pickle=False) as loaded:
            return {key: loaded[key] for key in loaded.files if wanted(key)}
    except ArtefactError:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise ArtefactError(f"{name} is not a readable array file: {error}. Restore it from a backup, or create it anew.") from error


def _write_error(path: Path, error: OSError) -> ArtefactError:
    if isinstance(error, ArtefactError):
        return error
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"The disk is full: {path} could not be written. What was there before is unchanged. Free some space and try again."
        )
    return ArtefactError(f"The file {path} could not be written: {error.strerror or error}. Check the folder's permissions and the disk.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_partial(name: str) -> bool:
    """Whether a file or folder of that name is unfinished: a write that goes on, or one that was cut short."""
    return name.startswith(".") and name.endswith(".partial")
