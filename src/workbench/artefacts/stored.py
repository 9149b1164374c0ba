"""Artefacts in object storage, with copies of those that are read by their path in a cache of this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from workbench.artefacts.cache import FileCache
from workbench.artefacts.errors import ArtefactsAway, changed, missing
from workbench.artefacts.folder import ordinary_files
from workbench.artefacts.names import is_temporary, key_of
from workbench.artefacts.objects import Head, Objects
from workbench.artefacts.root import Artefact, ArtefactRoot, Look, Told, Unfinished, Working
from workbench.artefacts.writing import sha256_of, writing
from workbench.clock import monotonic

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between two tries of whoever waits for the storage: twice as long each time."""

KNOWN = 4096
"""Objects whose checksum is remembered while they stay what they are."""

T = TypeVar("T")


@dataclass
class _Patience:
    """For how long a thread waits for the storage, and whom it tells."""

    seconds: float
    told: Told


class StoredRoot(ArtefactRoot):
    """The artefacts below one address of object storage.

    Args:
        objects: what lies there. cache: copies. mirrors: folder for whole folders of copies. staging: folder below which files are written before they are objects.
    """

    def __init__(self, objects: Objects, cache: FileCache, mirrors: Path, staging: Path) -> None:
        super().__init__()
        self.objects = objects
        self.staging = staging
        self._cache = cache
        self._mirrors = mirrors
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()
        self._waits = threading.local()

    @property
    def where(self) -> str:
        """The address."""
        return self.objects.address

    def path(self, name: str, sha256: str = "") -> Path:
        """A copy of the object as it is now, or of the content that is known."""
        key = key_of(name)
        if sha256:
            held = self._cache.held(sha256, key)
            if held is not None:
                return held
        head = self.head(key)
        if head is None:
            return self._cache.missing(key)
        if head.sha256 and sha256 not in ("", head.sha256):
            raise changed(self.place(name))
        return self._copy(key, head, sha256 or head.sha256)

    def look(self, name: str) -> Look | None:
        """How the object looks: one question to the storage."""
        head = self.head(key_of(name))
        return None if head is None else Look(head.size, head.changed, (head.mark, head.size))

    def sha256(self, name: str) -> str:
        """What the object carries; of one that carries none, of its content."""
        head = self.head(key_of(name))
        if head is None:
            raise missing(name, self.where)
        return self._sha256(key_of(name), head)

    def write_bytes(self, name: str, data: bytes) -> Artefact:
        """Store an object whole."""
        key, digest = key_of(name), hashlib.sha256(data).hexdigest()
        self.asked(lambda: self.objects.put(data, key, digest))
        return Artefact(name, len(data), digest)

    def write_copy(self, name: str, source: Path) -> Artefact:
        """Store a file whole."""
        key, digest, size = key_of(name), sha256_of(source), source.stat().st_size
        self.asked(lambda: self.objects.put(source, key, digest))
        return Artefact(name, size, digest)

    def verified(self, name: str, sha256: str) -> Path:
        """A copy whose content has been compared; one that was damaged on this machine is made anew."""
        for _ in range(2):
            path = self.path(name, sha256)
            if not path.is_file():
                raise missing(name, self.where)
            if sha256_of(path) == sha256:
                return path
            path.unlink(missing_ok=True)
        raise changed(path)

    def read_bytes(self, name: str, sha256: str | None = None) -> bytes:
        """The object's content, through the cache where its checksum is known."""
        if sha256:
            path = self.path(name, sha256)
            data = path.read_bytes() if path.is_file() else None
            if data is not None and hashlib.sha256(data).hexdigest() == sha256:
                return data
            return self.verified(name, sha256).read_bytes()
        try:
            return self.asked(lambda: self.objects.read(key_of(name)))
        except FileNotFoundError as error:
            raise missing(name, self.where) from error

    def remove(self, name: str) -> None:
        """Remove an object, and every one whose name lies below it."""
        key = key_of(name)
        for each in (*self.asked(lambda: self.objects.listed(key)), key):
            self.asked(lambda each=each: self.objects.delete(each))

    def files(self, folder: str) -> tuple[Artefact, ...]:
        """Every object below a folder with what it carries as its checksum."""
        found = []
        for key, listed in self._listed(folder).items():
            with contextlib.suppress(FileNotFoundError):
                found.append(Artefact(key, listed.size, self._sha256(key, listed)))
        return tuple(found)

    def looks(self, folder: str = "") -> dict[str, Look]:
        """How the objects below a folder look, from one listing."""
        return {key: Look(head.size, head.changed, (head.mark, head.size)) for key, head in self._listed(folder).items()}

    def names(self, folder: str) -> tuple[str, ...]:
        """What lies directly in a folder of names."""
        return self.asked(lambda: self.objects.within(key_of(folder)))

    def tree(self, folder: str) -> dict[str, tuple[str, ...]]:
        """Two levels of a folder of names, from one listing."""
        found: dict[str, dict[str, None]] = {}
        for name in self.looks(folder):
            first, *rest = name.removeprefix(f"{key_of(folder)}/").split("/")
            found.setdefault(first, {}).update(dict.fromkeys(rest[:1]))
        return {name: tuple(inside) for name, inside in found.items()}

    def working(self, name: str) -> Working:
        """A folder of this machine from which files are stored."""
        from workbench.artefacts.publishing import Publishing

        return Publishing(self, key_of(name))

    def mirror(self, name: str) -> Path:
        """A folder of copies, each renewed when the object is newer."""
        base = self._mirrors / key_of(name)
        for key, seen in self.looks(name).items():
            place = self._mirrors / key
            if place.is_file() and place.stat().st_mtime >= seen.changed:
                continue
            copy = self.path(key)
            if copy.is_file():
                with copy.open("rb") as source, writing(place) as file:
                    shutil.copyfileobj(source, file)
                os.utime(place, (seen.changed, seen.changed))
        return base

    def keep_mirror(self, name: str, files: Collection[str]) -> None:
        """Store what has changed, and remove what is of a folder that went."""
        base = self._mirrors / key_of(name)
        mine = {path.relative_to(self._mirrors).as_posix(): path for path in ordinary_files(base) if path.name in files}
        stored = self.looks(name)
        for key, path in mine.items():
            if key not in stored or sha256_of(path) != self.sha256(key):
                self.write_copy(key, path)
        for key in stored.keys() - mine.keys():
            if not (self._mirrors / key).parent.exists():
                self.remove(key)

    def unfinished(self) -> Iterator[Unfinished]:
        """Multi-part uploads that have not ended, whose parts take room and have no name, and what is kept for a while under other names."""
        held: dict[str, list[Head]] = {}
        for key, head in self.asked(self.objects.listed).items():
            if is_temporary(first := key.partition("/")[0]):
                held.setdefault(first, []).append(head)
        for first, heads in held.items():
            since = max(head.changed for head in heads)
            yield Unfinished(f"{self.where}/{first}", sum(head.size for head in heads), since, lambda first=first: self.remove(first))
        for key, since, upload in self.asked(self.objects.uploads):
            yield Unfinished(f"{self.where}/{key}", 0, since, lambda key=key, upload=upload: self.objects.give_up(key, upload))

    @contextlib.contextmanager
    def patiently(self, seconds: float, told: Told) -> Iterator[None]:
        """Within the block this thread waits for the storage."""
        before = getattr(self._waits, "now", None)
        self._waits.now = _Patience(seconds, told)
        try:
            yield
        finally:
            self._waits.now = before

    def head(self, key: str) -> Head | None:
        """What is known of an object without reading it."""
        return self.asked(lambda: self.objects.head(key))

    def asked(self, ask: Callable[[], T]) -> T:
        """The storage's answer, waited for as patiently as this thread is. Raises ArtefactsAway."""
        patience: _Patience | None = getattr(self._waits, "now", None)
        begun, pause, said = monotonic(), FIRST_PAUSE, False
        while True:
            try:
                answer = ask()
            except ArtefactsAway as error:
                if patience is None:
                    raise
                left = begun + patience.seconds - monotonic()
                if left <= 0:
                    raise ArtefactsAway(
                        f"The artefacts at {self.where} could not be reached for {patience.seconds:,.0f} seconds "
                        "(TRELLIS_ARTEFACT_WAIT_SECONDS), so this was given up. What they hold is as it was."
                    ) from error
                if not said:
                    patience.told(
                        f"The artefacts at {self.where} cannot be reached. Nothing is lost: this waits for them, for up to "
                        f"{patience.seconds:,.0f} seconds."
                    )
                    said = True
                time.sleep(min(pause, left))
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if said and patience is not None:
                patience.told(f"The artefacts at {self.where} can be reached again, after {monotonic() - begun:,.0f} seconds.")
            return answer

    def fetch(self, name: str, target: Path) -> None:
        """Write an object to a file of this machine, compared with the checksum that it carries. Raises ArtefactError."""
        key = key_of(name)
        head = self.head(key)
        if head is None:
            raise missing(name, self.where)
        try:
            self._get(key, target, head.sha256)
        except FileNotFoundError as error:
            raise missing(name, self.where) from error

    def _listed(self, folder: str) -> dict[str, Head]:
        found = self.asked(lambda: self.objects.listed(key_of(folder) if folder else ""))
        return {key: head for key, head in found.items() if not any(map(is_temporary, key.split("/")))}

    def _copy(self, key: str, head: Head, sha256: str) -> Path:
        # what carries no checksum is told from others by its name and what the storage says of it
        own = sha256 or "at-" + hashlib.sha256(f"{self.where}\0{key}\0{head.mark}\0{head.size}".encode()).hexdigest()
        try:
            return self._cache.fill(own, key, head.size, lambda partial: self._get(key, partial, sha256))
        except FileNotFoundError:
            # it went meanwhile
            return self._cache.missing(key)

    def _get(self, key: str, target: Path, sha256: str) -> None:
        self.asked(lambda: self.objects.get(key, target))
        if sha256 and sha256_of(target) != sha256:
            raise changed(self.place(key))

    def _sha256(self, key: str, head: Head) -> str:
        """Of an object, from what is remembered, what it carries, or its content. Raises FileNotFoundError, ArtefactError."""
        if head.sha256:
            return head.sha256
        mark = (key, f"{head.mark}-{head.size}")
        with self._lock:
            known = self._known.get(mark)
        if known is None:
            now = self.head(key)
            if now is None:
                raise missing(key, self.where)
            known = now.sha256 or self._of_content(key)
            with self._lock:
                self._known[key, f"{now.mark}-{now.size}"] = known
                while len(self._known) > KNOWN:
                    self._known.popitem(last=False)
        return known

    def _of_content(self, key: str) -> str:
        def read() -> str:
            digest = hashlib.sha256()
            for piece in self.objects.pieces(key):
                digest.update(piece)
            return digest.hexdigest()

        try:
            return self.asked(read)
        except FileNotFoundError as error:
            raise missing(key, self.where) from error
