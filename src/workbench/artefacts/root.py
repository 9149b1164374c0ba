"""What a root of artefacts is, wherever it keeps them: a folder, or object storage."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.artefacts.arrays import pack_arrays, unpack_arrays
from workbench.artefacts.errors import ArtefactError, ArtefactsAway, missing

KEPT = 64
"""Files whose content stays in memory for `ArtefactRoot.kept`, the last ones read."""

Told = Callable[[str], None]
"""Told a sentence for people."""


@dataclass(frozen=True)
class Artefact:
    """A file below the root: its name (relative, forward slashes), size in bytes and sha256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Look:
    """How a file looks without being read: size in bytes, time of change (seconds since 1970), and a mark that differs once it is another."""

    size: int
    changed: float
    mark: tuple[object, ...]


@dataclass(frozen=True)
class Unfinished:
    """A write to a root that has not ended: what to call it, its size, since when, and how it is cleared away."""

    name: str
    bytes: int
    since: float
    remove: Callable[[], None]


class Working(AbstractContextManager["Working", None]):
    """A folder of this machine in which something writes files by path that belong below the root. It ends with its block.

    Attributes:
        path: the folder.
    """

    path: Path

    @abstractmethod
    def name_of(self, path: Path) -> str:
        """The artefact name of a file in the folder. Raises UnsafePath for any other."""

    @abstractmethod
    def publish(self, path: Path) -> Artefact:
        """Have a complete file be an artefact when this returns. Raises ArtefactError, ArtefactsAway."""

    @abstractmethod
    def publish_all(self) -> None:
        """The same of all that lies in the folder; what was published and lies there no more is no artefact any more."""

    @abstractmethod
    def fetch(self, folder: str) -> None:
        """Have what the root has below `folder`, a name relative to this folder, lie there."""


class ArtefactRoot(ABC):
    """Everything below one root. Names are relative, with forward slashes: `models/<id>/sample.npz`.

    Every method raises UnsafePath for a name that is not plainly below the root, and ArtefactsAway where object storage does not answer.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Any] = {}

    @property
    @abstractmethod
    def where(self) -> str:
        """The root in words: a folder or an address."""

    def place(self, name: str) -> str:
        """Where a file or folder lies, for people."""
        return f"{self.where}/{name}"

    @abstractmethod
    def path(self, name: str, sha256: str = "") -> Path:
        """Where a file lies on this machine, for those who read it by its path; of one that is missing, a place where nothing lies.

        It stays there for as long as the returned object does.

        Args:
            sha256: what its content is, where that is known: a copy of just that is given, without asking whether there is a newer one.
        """

    @abstractmethod
    def look(self, name: str) -> Look | None:
        """How a regular file looks; None where there is none."""

    @abstractmethod
    def sha256(self, name: str) -> str:
        """The sha256 of a file's content, or, in object storage, what it was when it was written there. Raises ArtefactError."""

    @abstractmethod
    def write_bytes(self, name: str, data: bytes) -> Artefact:
        """Write a file whole. Raises DiskFull, ArtefactError."""

    @abstractmethod
    def write_copy(self, name: str, source: Path) -> Artefact:
        """Copy a file from anywhere, without holding it in memory. Raises DiskFull, ArtefactError."""

    @abstractmethod
    def verified(self, name: str, sha256: str) -> Path:
        """A file's place, if its content is what was written; it is not held in memory. Raises ArtefactError."""

    @abstractmethod
    def read_bytes(self, name: str, sha256: str | None = None) -> bytes:
        """A file's bytes; with `sha256`, only if they are what was written. Raises ArtefactError."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file or a folder with all it holds; nothing happens if there is none."""

    @abstractmethod
    def files(self, folder: str) -> tuple[Artefact, ...]:
        """Every regular file below a folder by name, links and unfinished writes left out."""

    @abstractmethod
    def looks(self, folder: str = "") -> dict[str, Look]:
        """Name -> how it looks, of every regular file below a folder or all, by name, without their checksums; unfinished writes left out."""

    @abstractmethod
    def names(self, folder: str) -> tuple[str, ...]:
        """What lies directly in a folder, files and folders, without what leads there; empty where there is none. Links are left out."""

    @abstractmethod
    def tree(self, folder: str) -> dict[str, tuple[str, ...]]:
        """What lies directly in a folder, each with what lies directly in that; as `names`."""

    @abstractmethod
    def working(self, name: str) -> Working:
        """A folder to write artefacts below `name` in by path."""

    @abstractmethod
    def mirror(self, name: str) -> Path:
        """A folder of this machine with what lies below `name`, for those who read and write several files of one by path."""

    @abstractmethod
    def keep_mirror(self, name: str, files: Collection[str]) -> None:
        """Have those files of a mirror that are called as one of `files` be artefacts, and what is of no folder there any more be none."""

    @abstractmethod
    def unfinished(self) -> Iterator[Unfinished]:
        """Writes that have not ended, be they going on or cut short."""

    def patiently(self, seconds: float, told: Told) -> AbstractContextManager[None]:
        """Within the block, what this thread asks of object storage that does not answer is tried again for so long.

        Args:
            told: told that it does not answer, and that it does again.
        """
        del seconds, told
        return nullcontext()

    def exists(self, name: str) -> bool:
        """Whether a regular file of that name exists."""
        return self.look(name) is not None

    def write_text(self, name: str, text: str) -> Artefact:
        """Write UTF-8 text whole."""
        return self.write_bytes(name, text.encode())

    def write_json(self, name: str, value: Any) -> Artefact:
        """Write a JSON value whole, indented for people."""
        return self.write_text(name, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")

    def write_arrays(self, name: str, arrays: Mapping[str, Any]) -> Artefact:
        """Write numeric arrays as a compressed `.npz` without pickle; equal arrays give equal bytes."""
        return self.write_bytes(name, pack_arrays(arrays))

    def read_arrays(self, name: str, sha256: str | None = None) -> dict[str, Any]:
        """The arrays of an `.npz`. Raises ArtefactError for a missing, changed, torn or pickled file."""
        return unpack_arrays(self.read_bytes(name, sha256), name)

    def read_json(self, name: str, sha256: str | None = None) -> Any:
        """The value of a JSON file. Raises ArtefactError."""
        try:
            return json.loads(self.read_bytes(name, sha256))
        except ValueError as error:
            raise error if isinstance(error, ArtefactError) else ArtefactError(f"The file {name} is not valid JSON: {error}.") from error

    def kept(self, name: str, sha256: str, make: Callable[[dict[str, Any]], Any]) -> Any:
        """What `make` makes of an `.npz`'s arrays, kept while the file stays as it is, and while nobody can say whether it does.

        Raises ArtefactError, ArtefactsAway.
        """
        try:
            seen = self.look(name)
        except ArtefactsAway:
            known = [found for key, found in self._kept.items() if key[:2] == (name, sha256)]
            if not known:
                raise
            return known[-1]
        if seen is None:
            raise missing(name, self.where)
        key = (name, sha256, *seen.mark)
        found = self._kept.get(key)
        if found is None:
            found = make(self.read_arrays(name, sha256))
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = found
        return found

    def copy(self, source: str, target: str) -> Artefact:
        """Copy one file to another name."""
        return self.write_bytes(target, self.read_bytes(source))
