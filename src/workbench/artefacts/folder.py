"""Artefacts in a folder: files are what they are named, written in place and read where they lie."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from workbench.artefacts.errors import UnsafePath, changed, missing, unreadable
from workbench.artefacts.names import is_temporary, resolve_below
from workbench.artefacts.root import Artefact, ArtefactRoot, Look, Unfinished, Working
from workbench.artefacts.writing import sha256_of, write_atomic, writing


class FolderRoot(ArtefactRoot):
    """The folder that holds every artefact."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = Path(os.path.abspath(folder))

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.folder)

    def path(self, name: str, sha256: str = "") -> Path:
        """The file's place on disk, existing or not."""
        del sha256
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

    def look(self, name: str) -> Look | None:
        """How the file looks; None where there is no regular one."""
        try:
            seen = self.path(name).stat()
        except OSError:
            return None
        return _look(seen) if stat.S_ISREG(seen.st_mode) else None

    def sha256(self, name: str) -> str:
        """Of the file's content now."""
        return sha256_of(self.path(name))

    def write_bytes(self, name: str, data: bytes) -> Artefact:
        """Write a file whole."""
        write_atomic(self.path(name), data)
        return Artefact(name, len(data), hashlib.sha256(data).hexdigest())

    def write_copy(self, name: str, source: Path) -> Artefact:
        """Copy a file from anywhere."""
        path = self.path(name)
        with source.open("rb") as given, writing(path) as file:
            shutil.copyfileobj(given, file)
        return Artefact(name, path.stat().st_size, sha256_of(path))

    def verified(self, name: str, sha256: str) -> Path:
        """The file's place, once its content has been compared."""
        path = self.path(name)
        if not path.is_file():
            raise missing(name, self.where)
        if sha256_of(path) != sha256:
            raise changed(path)
        return path

    def read_bytes(self, name: str, sha256: str | None = None) -> bytes:
        """The file's bytes."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise missing(name, self.where) from error
        except OSError as error:
            raise unreadable(path, error) from error
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise changed(path)
        return data

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all it holds."""
        path = self.path(name)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def files(self, folder: str) -> tuple[Artefact, ...]:
        """Every regular file below a folder, read for its checksum."""
        return tuple(
            Artefact(path.relative_to(self.folder).as_posix(), path.stat().st_size, sha256_of(path))
            for path in ordinary_files(self.path(folder))
        )

    def looks(self, folder: str = "") -> dict[str, Look]:
        """How the files below a folder look; what goes meanwhile is left out."""
        found = {}
        for path in ordinary_files(self.path(folder) if folder else self.folder):
            try:
                found[path.relative_to(self.folder).as_posix()] = _look(path.stat())
            except FileNotFoundError:
                continue
        return found

    def names(self, folder: str) -> tuple[str, ...]:
        """What lies directly in a folder."""
        try:
            with os.scandir(self.path(folder)) as entries:
                return tuple(sorted(entry.name for entry in entries if not entry.is_symlink() and not is_temporary(entry.name)))
        except OSError:
            return ()

    def tree(self, folder: str) -> dict[str, tuple[str, ...]]:
        """Two levels of a folder."""
        return {name: self.names(f"{folder}/{name}") for name in self.names(folder)}

    def working(self, name: str) -> Working:
        """The very folder."""
        return _InPlace(self, name)

    def mirror(self, name: str) -> Path:
        """The very folder."""
        return self.path(name)

    def keep_mirror(self, name: str, files: Collection[str]) -> None:
        """What lies there is kept already."""
        del name, files

    def unfinished(self) -> Iterator[Unfinished]:
        """None that is told apart from a file here: `workbench.cleaning.leftovers` finds them by name, with those of the home folder."""
        return iter(())


class _InPlace(Working):
    """What is written there is an artefact at once."""

    def __init__(self, root: FolderRoot, name: str) -> None:
        self._root = root
        self.path = root.make_folder(name)

    def name_of(self, path: Path) -> str:
        return self._root.name_of(path)

    def publish(self, path: Path) -> Artefact:
        name, digest = self._root.name_of(path), sha256_of(path)
        return Artefact(name, path.stat().st_size, digest)

    def publish_all(self) -> None:
        pass

    def fetch(self, folder: str) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def ordinary_files(path: Path) -> Iterator[Path]:
    """A file, or every file below a folder by name; links and unfinished writes are left out."""
    if path.is_symlink():
        return
    if path.is_file():
        yield path
        return
    for parent, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not Path(parent, name).is_symlink() and not is_temporary(name))
        for name in sorted(names):
            file = Path(parent, name)
            if file.is_file() and not file.is_symlink() and not is_temporary(name):
                yield file


def _look(seen: os.stat_result) -> Look:
    return Look(seen.st_size, seen.st_mtime, (seen.st_mtime_ns, seen.st_size, seen.st_ino, seen.st_ctime_ns))
