"""The folders of an installation: writable, on a file system with locks, with room, and with a clock that agrees."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from workbench.cleaning.sizes import bytes_words
from workbench.doctor import storage
from workbench.doctor.finding import CLOCK_SECONDS, Finding, fault, ok, warning
from workbench.settings import Settings, unknown_variables

LOW, LEAST = 2 * 2**30, 256 * 2**20
"""Free bytes below which training soon fails, and below which it does."""

SHORTEST_TOKEN = 16
"""Characters below which a secret that stands alone between a server and everybody is guessed."""

REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs", "fuse.glusterfs", "lustre"})
"""File systems of other machines: SQLite's write-ahead log needs memory that all its processes share."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Variables, the token, the home folder and the artefacts', room, the data folder and the clock of the home's file system."""
    unknown = unknown_variables()
    if unknown:
        yield warning("settings", " ".join(unknown), "Correct the names, or remove the variables.")
    else:
        yield ok("settings", "Every TRELLIS_ variable is one that Trellis reads.")
    if settings.token is not None and len(settings.token.get_secret_value()) < SHORTEST_TOKEN:
        yield warning("token", "TRELLIS_TOKEN is so short that a program can guess it.", "Set it to what `openssl rand -hex 32` prints.")
    yield folder("home", settings.home, "TRELLIS_HOME")
    if not isinstance(settings.artefacts, Path):
        yield from storage.examine(settings)
    elif not settings.artefacts.is_relative_to(settings.home):
        yield folder("artefacts", settings.artefacts, "TRELLIS_ARTEFACTS")
    yield locks(settings)
    yield room(settings)
    yield data(settings)
    yield file_clock(settings.home)


def folder(check: str, path: Path, variable: str) -> Finding:
    """Whether a folder is there, or can be made, and can be written."""
    if not path.exists():
        above = _above(path)
        if not os.access(above, os.W_OK):
            return fault(check, f"{path} is not there, and {above} cannot be written.", f"Set {variable} to a folder you may write.")
        return ok(check, f"{path} is not there yet; the first start makes it.")
    try:
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        todo = f"Give this user the right to write there, or set {variable} to another folder."
        return fault(check, f"{path} cannot be written: {error.strerror or error}.", todo)
    if path.stat().st_mode & 0o022:
        return warning(check, f"{path} can be written by other users of this machine.", f"chmod 700 {path}")
    return ok(check, f"{path} can be written.")


def locks(settings: Settings) -> Finding:
    """Whether the home's file system has the locks that SQLite and Trellis take, tried on files that are removed again."""
    place = _above(settings.home)
    kind = file_system(place)
    if kind in REMOTE and settings.database_url.startswith("sqlite"):
        todo = "Set TRELLIS_HOME to a local disk, or keep the store in PostgreSQL (docs/team.md)."
        return fault("locks", f"{place} lies on {kind}, a file system of another machine, on which an SQLite store gets damaged.", todo)
    if not os.access(place, os.W_OK):
        return warning("locks", f"Not tried: {place} cannot be written.", "Give this user the right to write there first.")
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".trellis-doctor-") as folder:
            _lock_a_file(Path(folder, "lock"))
            _use_a_log(Path(folder, "try.db"))
    except (OSError, sqlite3.Error) as error:
        return fault("locks", f"Files on {place} ({kind}) cannot be locked: {error}.", "Set TRELLIS_HOME to a local disk.")
    return ok("locks", f"Files on {place} ({kind}) can be locked, and SQLite keeps its log there.")


def _lock_a_file(path: Path) -> None:
    with path.open("w") as first, path.open("w") as second:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
    raise OSError("two holders got the same lock")


def _use_a_log(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            raise OSError(f"SQLite keeps no write-ahead log there (its mode stays {mode})")
        connection.execute("CREATE TABLE tried (x INTEGER)")
    finally:
        connection.close()


def room(settings: Settings) -> Finding:
    """How much of the disks is free that the home and the artefacts lie on."""
    free = {str(place): shutil.disk_usage(place).free for place in {_above(settings.home), _above(settings.written)}}
    place, least = min(free.items(), key=lambda each: each[1])
    said, todo = f"{bytes_words(least)} are free at {place}.", "Free some space, see what can go with `trellis gc`, or move TRELLIS_HOME."
    if least < LEAST:
        return fault("disk", said, todo, free=least)
    return warning("disk", said, todo, free=least) if least < LOW else ok("disk", said, free=least)


def data(settings: Settings) -> Finding:
    """Whether the folder of datasets that somebody named is there and can be read."""
    if settings.data is None:
        return ok("data", f"TRELLIS_DATA is not set; datasets are fetched into {settings.downloads}.")
    if not settings.data.is_dir():
        return fault("data", f"TRELLIS_DATA names {settings.data}, which is no folder.", "Correct the variable, or remove it.")
    if not os.access(settings.data, os.R_OK | os.X_OK):
        return fault("data", f"{settings.data} (TRELLIS_DATA) cannot be read.", "Give this user the right to read it.")
    return ok("data", f"Datasets are looked for in {settings.data} first.")


def file_clock(home: Path) -> Finding:
    """Whether the file system of the home folder tells the same time as this machine."""
    place = _above(home)
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".trellis-doctor-") as file:
            difference = os.fstat(file.fileno()).st_mtime - time.time()
    except OSError:
        return warning("clock", f"Not compared: {place} cannot be written.", "Give this user the right to write there first.")
    if abs(difference) > CLOCK_SECONDS:
        said = f"The file system of {place} is {abs(difference):.0f} s {'ahead of' if difference > 0 else 'behind'} this machine's clock."
        return warning("clock", said, "Set the clocks of both machines by NTP.", difference=difference)
    return ok("clock", f"This machine and the file system of {place} tell the same time.")


def file_system(path: Path) -> str:
    """The sort of file system that a path lies on, as the system names it; of several mounted at one place, the last hides the others."""
    mounts = ((Path(part.mountpoint), part.fstype) for part in psutil.disk_partitions(all=True))
    around = [(len(mount.parts), number, kind) for number, (mount, kind) in enumerate(mounts) if path.resolve().is_relative_to(mount)]
    return max(around, default=(0, 0, "unknown"))[-1]


def _above(path: Path) -> Path:
    """The folder itself, or the next one above it that is there."""
    return next((place for place in (path, *path.parents) if place.exists()), Path("/"))
