"""The file of a backup: a zip archive whose `manifest.json` lists every other entry with its size and SHA-256.

`store/trellis.db` is the store as an SQLite database, whatever it is kept in; below `artefacts/` lie the files that its rows name, below
`home/` what else the home folder keeps. Nothing of an archive is believed before it was compared with the manifest, and nothing
of the manifest before it was checked: archives come from anywhere.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.artefacts import UnsafePath, resolve_below

FORMAT = "trellis-backup"
MANIFEST = "manifest.json"
STORE = "store/trellis.db"
ARTEFACTS, HOME = "artefacts", "home"

MOST_MANIFEST = 256 * 2**20
"""Bytes of a manifest: enough for a million files."""
PIECE = 2**20

MOST_NAME, MOST_PART, MOST_PARTS = 2000, 255, 100
"""Bytes of a name and of a part of it, and parts of a name: what file systems take, with room for the folder it is put into."""

_FAULTS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, OverflowError,
    RuntimeError,
)  # fmt: skip
"""What reading a damaged archive raises, by what is damaged. RuntimeError: also what zipfile cannot do, such as decrypt."""

_PACKED = frozenset({".npz", ".parquet", ".png", ".gz", ".zip", ".jpg", ".msgpack"})
"""Endings of files that do not get smaller."""

Told = Callable[[int, int], None]
"""(bytes done, bytes in all) after every piece."""


class BackupError(RuntimeError):
    """A backup that cannot be made, or an archive that cannot be put back; the message says why and what to do."""


class Entry(BaseModel):
    """A file of the archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What an archive holds.

    Attributes:
        trellis: the version that made it. made_at: the moment whose state it holds. journal: number of the store's last row then.
        missing: files that the store names with a checksum, and that were missing or damaged already.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["trellis-backup"] = FORMAT
    version: Literal[1] = 1
    trellis: str = Field(pattern=r"^[\w.+!-]{1,60}$")
    made_at: str = Field(pattern=r"^[\w:.+-]{1,40}$")
    journal: int
    models: int
    runs: int
    active: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    files: tuple[Entry, ...]

    @property
    def bytes(self) -> int:
        """What all files take together."""
        return sum(entry.size for entry in self.files)


def add(archive: zipfile.ZipFile, name: str, path: Path, told: Callable[[int], None] = lambda done: None) -> Entry:
    """Put a file into the archive. Raises OSError."""
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    info.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
            told(len(piece))
    return Entry(name=name, size=size, sha256=digest.hexdigest())


def add_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Put the manifest into the archive, as its last entry."""
    info = zipfile.ZipInfo(MANIFEST, date_time=(1980, 1, 1, 0, 0, 0))
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    archive.writestr(info, manifest.model_dump_json(indent=1), compress_type=zipfile.ZIP_DEFLATED)


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """An archive and its manifest, which fit each other. Raises BackupError for what is no backup, is torn or would do harm."""
    archive = _archive(path)
    with archive:
        manifest = _manifest(archive, path)
        _check(archive, manifest, path)
        yield archive, manifest


def unpack(archive: zipfile.ZipFile, entry: Entry, target: IO[bytes], told: Callable[[int], None] = lambda done: None) -> None:
    """Write an entry's content. Raises BackupError if it is not what the manifest says; what was written by then is no more than that."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(archive, entry):
        size += len(piece)
        if size > entry.size:
            break
        digest.update(piece)
        target.write(piece)
        told(len(piece))
    if size != entry.size or digest.hexdigest() != entry.sha256:
        raise BackupError(f"{short(entry.name)} is not what was put into the backup: its checksum differs. Nothing was restored.")


def has_place(name: str) -> bool:
    """Whether an archive may have a file of that name: it can be put back, and lies where it belongs."""
    first, _, rest = name.partition("/")
    if name != STORE and (first not in (ARTEFACTS, HOME) or not rest or str(PurePosixPath(name)) != name):
        return False
    try:
        parts = [part.encode() for part in name.split("/")]
        resolve_below(Path("/nowhere"), name)
    except (UnicodeEncodeError, UnsafePath):
        return False
    return len(parts) <= MOST_PARTS and sum(map(len, parts)) <= MOST_NAME and max(map(len, parts)) <= MOST_PART


def require_room(folder: Path, size: int) -> None:
    """Raise BackupError where a disk has less room than that."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise BackupError(f"{size / 2**20:,.0f} MiB are needed at {folder}, and {free / 2**20:,.0f} MiB are free. Free some space there.")


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        sort = path.stat().st_mode
        if not stat.S_ISREG(sort):
            what = "a folder" if stat.S_ISDIR(sort) else "no ordinary file"
            raise BackupError(f"{path} is {what}. Name the file that `trellis backup` wrote.")
        return zipfile.ZipFile(path)
    except BackupError:
        raise
    except FileNotFoundError as error:
        raise BackupError(f"There is no file {path}.") from error
    except PermissionError as error:
        raise BackupError(f"{path} may not be read. Change its permissions, or restore as its owner.") from error
    except _FAULTS as error:
        raise _torn(path, error) from error


def _torn(path: Path, error: Exception) -> BackupError:
    return BackupError(f"{path} is no backup of Trellis, or it is torn ({error}). Copy it anew from where it was kept.")


def _pieces(archive: zipfile.ZipFile, entry: Entry) -> Iterator[bytes]:
    """An entry's content, at most a byte more than the manifest says at a time. Raises BackupError if it cannot be read."""
    try:
        left = entry.size
        with archive.open(entry.name) as source:
            while piece := source.read(min(PIECE, left + 1)):
                left = max(0, left - len(piece))
                yield piece
    except _FAULTS as error:
        raise BackupError(f"{short(entry.name)} cannot be read from the backup ({error}). Copy it anew from where it was kept.") from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    found = [info for info in archive.infolist() if info.filename == MANIFEST]
    if len(found) != 1 or found[0].file_size > MOST_MANIFEST:
        raise BackupError(f"{path} is no backup of Trellis: it has no manifest.")
    try:
        with archive.open(found[0]) as file:
            text = file.read(MOST_MANIFEST + 1)
    except _FAULTS as error:
        raise _torn(path, error) from error
    try:
        said = json.loads(text)
        if isinstance(said, Mapping) and said.get("format") == FORMAT and said.get("version") != 1:
            raise BackupError(f"{path} was made by a newer Trellis ({short(str(said.get('trellis')))}). Restore it with that version.")
        return Manifest.model_validate(said)
    except (ValueError, RecursionError) as error:
        words = f"{error.error_count()} things in it are wrong" if isinstance(error, ValidationError) else "it cannot be read"
        raise BackupError(f"{path} is no backup of Trellis: its manifest is damaged, {words}.") from error


def _check(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Refuse what no backup holds: other files than the manifest lists, links, names that lead elsewhere."""
    listed = {entry.name: entry for entry in manifest.files}
    infos = [info for info in archive.infolist() if info.filename != MANIFEST]
    if len(listed) != len(manifest.files) or len({info.filename for info in infos}) != len(infos) or STORE not in listed:
        raise BackupError(f"{path} is no backup of Trellis: files are in it twice, or the store is not. Nothing was restored.")
    for info in infos:
        entry = listed.pop(info.filename, None)
        if entry is None or entry.size != info.file_size:
            raise BackupError(f"{path} holds {short(info.filename)}, which is not as its manifest lists it. Nothing was restored.")
        sort = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or sort not in (0, stat.S_IFREG) or info.flag_bits & 0x1:
            raise BackupError(f"{path} holds {short(info.filename)}, which is no ordinary file. Nothing was restored.")
        if not has_place(info.filename):
            raise BackupError(f"The backup holds {short(info.filename)}, which has no place in a home folder. Nothing was restored.")
    if listed:
        raise BackupError(f"{path} lacks {short(next(iter(listed)))}, which its manifest lists. Copy it anew from where it was kept.")
    names = {PurePosixPath(entry.name) for entry in manifest.files}
    inside = next((name for name in names if names & set(name.parents)), None)
    if inside is not None:
        raise BackupError(f"{path} holds {short(str(inside))} within a file. Nothing was restored.")


def short(name: str) -> str:
    """A name of an archive as it may be shown: quoted, and cut where it is long."""
    return repr(name) if len(name) <= 80 else f"{name[:80]!r}…"
