"""Putting a backup back into an empty home: everything is unpacked and compared first, and then put into its place."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from workbench.artefacts import ArtefactError, ArtefactsAway, ordinary_files, root_of, writing
from workbench.backup import archive as archives
from workbench.backup import owned
from workbench.backup.archive import ARTEFACTS, HOME, STORE, BackupError, Manifest, Told
from workbench.backup.home import BESIDE, DATABASE, in_the_way, keeps, store_file
from workbench.backup.taking import one_file
from workbench.settings import Settings
from workbench.store import schema
from workbench.store.copying import transfer
from workbench.store.engine import explained, is_sqlite, make_engine, shown_address
from workbench.store.store import Store

_FILES = "files"
"""The folder within a place's own folder in which its files wait until all are there."""


def restore(file: Path, settings: Settings, told: Told = lambda done, total: None) -> Manifest:
    """Unpack a backup into the home, the artefact folder and the store of these settings, all of them empty.

    What a restore that was killed left there is cleared away first.

    Raises BackupError, StoreError; then these are as empty as before.
    """
    with archives.opened(file) as (archive, manifest):
        _require_kept(manifest, settings)
        try:
            require_no_store(settings)
            _clear_dead(settings)
            require_empty(settings)
            with _folders(settings) as (home, artefacts):
                archives.require_room(home, manifest.bytes)
                done = 0

                def count(piece: int) -> None:
                    nonlocal done
                    done += piece
                    told(done, manifest.bytes)

                for entry in manifest.files:
                    first, _, rest = entry.name.partition("/")
                    path = home / DATABASE if entry.name == STORE else {ARTEFACTS: artefacts, HOME: home}[first] / _FILES / rest
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("xb") as target:
                        archives.unpack(archive, entry, target, count)
                        target.flush()
                        os.fsync(target.fileno())
                    path.chmod(0o600)
                _check_store(home / DATABASE, manifest)
                _put(settings, home, artefacts)
        except OSError as error:
            raise BackupError(_words(error)) from error
    return manifest


def require_empty(settings: Settings) -> None:
    """Raise BackupError where something lies already in the home folder or among the artefacts."""
    for folder, variable in settings.folders:
        left = owned.found(folder, "restore")
        if any(owned.standing(path) == "working" for path in left):
            raise BackupError(f"Another restore into {folder} is under way. Wait for its end, or set {variable} to a new folder.")
        if left:
            why = "a restore that was cut short, or of one that is under way on another machine"
            raise BackupError(f"{left[0]} is of {why}. If none is, remove {folder}; or set {variable} to a new folder.")
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BackupError(f"{folder} is not empty. A backup is put back into an empty home: set {variable} to a new folder.")
    if not isinstance(settings.artefacts, Path) and root_of(settings).looks():
        raise BackupError(
            f"{settings.artefacts} is not empty. A backup is put back into an empty place: set TRELLIS_ARTEFACTS to a new prefix."
        )


def require_no_store(settings: Settings) -> None:
    """Raise BackupError where there is a store already, or something that SQLite would read as a part of one. Raises StoreError."""
    file = store_file(settings)
    if file is not None:
        there = next((path for path in (file, *(Path(f"{file}{ending}") for ending in BESIDE)) if os.path.lexists(path)), None)
        if there == file and file.parent != settings.home:
            raise BackupError(f"There is a store at {file} already. Set TRELLIS_DATABASE_URL to another place.")
        if there == file:
            raise BackupError(f"{settings.home} is not empty: a store is in it. Set TRELLIS_HOME to a new folder.")
        if there is not None:
            raise BackupError(f"{there} would be read as a part of the store. Move it away, or set TRELLIS_DATABASE_URL to another place.")
        return
    engine = make_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise explained(error, shown_address(settings.database_url)) from error
    finally:
        engine.dispose()
    if tables:
        raise BackupError(f"The database at {shown_address(settings.database_url)} holds tables already. Name an empty one.")


def _require_kept(manifest: Manifest, settings: Settings) -> None:
    """Raise BackupError for a file of the home folder that no backup holds, or that would lie where something else does."""
    for entry in manifest.files:
        first, _, name = entry.name.partition("/")
        if first == HOME and not keeps(name):
            raise BackupError(f"The backup holds {archives.short(entry.name)}, which no backup of Trellis does. Nothing was restored.")
        if first == HOME and in_the_way(name, settings):
            where = "TRELLIS_ARTEFACTS and TRELLIS_DATABASE_URL"
            raise BackupError(f"The backup's {archives.short(entry.name)} has its place where {where} have theirs. Set these to others.")


def _clear_dead(settings: Settings) -> None:
    """Take away what restores that were killed left: their folders, and what they had put into place by then.

    Places were empty before and there is no store, so nobody has used them since; what does not come from the dead one stays.
    """
    cleared = False
    for place in _places(settings):
        for folder in owned.dead(place, "restore"):
            cleared = True
            owner = owned.owner_of(folder)
            for name in owner.puts if owner is not None else ():
                if not (folder / _FILES / name).exists():
                    _remove(place / name)
            owned.remove(folder)
    if cleared:
        for place in (settings.written, *settings.written.parents):
            if place.is_relative_to(settings.home) and place != settings.home:
                with suppress(OSError):
                    place.rmdir()


def _places(settings: Settings) -> list[Path]:
    """The folders of this machine that a restore works in, the artefacts' before the home."""
    return [folder for folder, _ in reversed(settings.folders)]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _words(error: OSError) -> str:
    where = f" at {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is no space left{where}. Make room, and restore again. Nothing was restored."
    return f"The backup cannot be put back{where}: {error.strerror or error}. Nothing was restored."


@contextmanager
def _folders(settings: Settings) -> Iterator[tuple[Path, Path]]:
    """Folders to unpack into, each within the one that it is for; they are gone when the block ends, and so is what was made for them."""
    places = [folder for folder, _ in settings.folders]
    made = [folder for place in places for folder in (place, *place.parents) if not folder.exists()]
    try:
        with ExitStack() as stack:
            staged = [stack.enter_context(owned.folder(place, "restore")) for place in places]
            for place in places:
                if place in made:
                    place.chmod(0o700)
            # what goes into object storage is unpacked and compared here first
            yield staged[0], staged[1] if len(staged) > 1 else staged[0] / "objects"
    finally:
        for folder in sorted(set(made), reverse=True):
            # only if nothing was put there
            with suppress(OSError):
                folder.rmdir()


def _check_store(database: Path, manifest: Manifest) -> None:
    """Whether the unpacked store is one: whole, with the tables of a store alone, readable, at the row that the manifest says."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        things = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
        known = {*schema.metadata.tables, schema.VERSION_TABLE}
        strange = [name for kind, name, table in things if kind not in ("table", "index") or table not in known]
        if strange:
            raise BackupError(f"The store of the backup holds what no store of Trellis does ({strange[0]!r}). Nothing was restored.")
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise BackupError("The store of the backup is damaged. Nothing was restored.")
    except sqlite3.Error as error:
        raise BackupError(f"The store of the backup cannot be read ({error}). Nothing was restored.") from error
    finally:
        connection.close()
    store = Store.open(f"sqlite:///{database}")
    try:
        if store.state().version != manifest.journal:
            raise BackupError("The store of the backup is not at the row that the manifest says. Nothing was restored.")
    finally:
        store.close()
    one_file(database)
    if any(Path(f"{database}{ending}").exists() for ending in BESIDE):
        raise BackupError("The store of the backup could not be made one file. Nothing was restored.")


def _put(settings: Settings, home: Path, artefacts: Path) -> None:
    """Move everything into its place, the store last: what fails before takes the rest away again."""
    put: list[Path] = []
    stored: list[str] = []
    try:
        moved = [(home, settings.home)]
        if isinstance(settings.artefacts, Path):
            moved.insert(0, (artefacts, settings.artefacts))
        else:
            _store(settings, artefacts / _FILES, stored)
        for folder, place in moved:
            waiting = sorted((folder / _FILES).iterdir()) if (folder / _FILES).is_dir() else []
            owned.sign(folder, puts=[path.name for path in waiting])
            for path in waiting:
                target = place / path.name
                if os.path.lexists(target):
                    raise BackupError(f"{target} was made meanwhile. Restore into a home that nobody uses.")
                path.rename(target)
                put.append(target)
        _put_store(settings, home / DATABASE)
    except BaseException:
        with suppress(ArtefactError, ArtefactsAway):
            for name in stored:
                root_of(settings).remove(name)
        for path in put:
            _remove(path)
        raise


def _store(settings: Settings, artefacts: Path, stored: list[str]) -> None:
    """Store every file as an object; `stored` has the names of those that are."""
    root = root_of(settings)
    for path in ordinary_files(artefacts):
        name = path.relative_to(artefacts).as_posix()
        stored.append(name)
        root.write_copy(name, path)


def _put_store(settings: Settings, database: Path) -> None:
    """Move the store into its place, whole or not at all."""
    require_no_store(settings)
    target = store_file(settings)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent.stat().st_dev == database.parent.stat().st_dev:
            database.rename(target)
        else:
            with database.open("rb") as source, writing(target) as file:
                shutil.copyfileobj(source, file)
            target.chmod(0o600)
        return
    source, store = Store.open(f"sqlite:///{database}"), Store.open(settings.database_url)
    try:
        assert is_sqlite(source.engine)
        with source.transaction() as reading, store.transaction() as writing_rows:
            transfer(reading, writing_rows)
    finally:
        source.close()
        store.close()
