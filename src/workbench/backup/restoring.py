"""Putting a backup back into an empty home: everything is unpacked and compared first, and then put into its place."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from workbench.artefacts import ArtefactError, ArtefactsAway, ordinary_files, root_of
from workbench.backup import archive as archives
from workbench.backup.archive import ARTEFACTS, HOME, STORE, BackupError, Manifest, Told
from workbench.backup.taking import one_file
from workbench.settings import Settings
from workbench.store import schema
from workbench.store.copying import transfer
from workbench.store.engine import address_of, explained, is_sqlite, make_engine, shown_address
from workbench.store.store import Store

_SUFFIXES = ("", "-wal", "-shm", "-journal")


def restore(file: Path, settings: Settings, told: Told = lambda done, total: None) -> Manifest:
    """Unpack a backup into the home, the artefact folder and the store of these settings, all of them empty.

    Raises BackupError, StoreError, OSError; then these are as empty as before.
    """
    with archives.opened(file) as (archive, manifest):
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
                path = home / "trellis.db" if entry.name == STORE else {ARTEFACTS: artefacts, HOME: home / HOME}[first] / rest
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as target:
                    archives.unpack(archive, entry, target, count)
                    target.flush()
                    os.fsync(target.fileno())
                path.chmod(0o600)
            _check_store(home / "trellis.db", manifest)
            _put(settings, home, artefacts)
    return manifest


def require_empty(settings: Settings) -> None:
    """Raise BackupError where something lies already."""
    for folder, variable in settings.folders:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BackupError(f"{folder} is not empty. A backup is put back into an empty home: set {variable} to a new folder.")
    if not isinstance(settings.artefacts, Path) and root_of(settings).looks():
        raise BackupError(
            f"{settings.artefacts} is not empty. A backup is put back into an empty place: set TRELLIS_ARTEFACTS to a new prefix."
        )
    address = address_of(settings.database_url)
    if address.get_backend_name() == "sqlite":
        if Path(address.database or "").exists():
            raise BackupError(f"There is a store at {address.database} already. Set TRELLIS_DATABASE_URL to another place.")
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


@contextmanager
def _folders(settings: Settings) -> Iterator[tuple[Path, Path]]:
    """Folders to unpack into, each within the one that it is for; they are gone when the block ends, and so is what was made for them."""
    places = [folder for folder, _ in settings.folders]
    made = [folder for place in places for folder in (place, *place.parents) if not folder.exists()]
    mark = f".restore-{secrets.token_hex(6)}.partial"
    # what goes into object storage is unpacked and compared here first
    staged = (settings.home / mark, settings.artefacts / mark if isinstance(settings.artefacts, Path) else settings.home / mark / "objects")
    try:
        for folder in staged:
            folder.mkdir(parents=True, mode=0o700)
        for place in places:
            if place in made:
                place.chmod(0o700)
        yield staged
    finally:
        for folder in staged:
            shutil.rmtree(folder, ignore_errors=True)
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


def _put(settings: Settings, home: Path, artefacts: Path) -> None:
    """Move everything into its place, the store last: what fails before takes the rest away again."""
    put: list[Path] = []
    stored: list[str] = []
    moved = [(home / HOME, settings.home)]
    try:
        if isinstance(settings.artefacts, Path):
            moved.insert(0, (artefacts, settings.artefacts))
        else:
            _store(settings, artefacts, stored)
        for source, place in moved:
            for path in sorted(source.iterdir()) if source.is_dir() else ():
                target = place / path.name
                if target.exists():
                    raise BackupError(f"{target} was made meanwhile. Restore into a home that nobody uses.")
                path.rename(target)
                put.append(target)
        _put_store(settings, home / "trellis.db", put)
    except BaseException:
        with suppress(ArtefactError, ArtefactsAway):
            for name in stored:
                root_of(settings).remove(name)
        for path in put:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise


def _store(settings: Settings, artefacts: Path, stored: list[str]) -> None:
    """Store every file as an object; `stored` has the names of those that are."""
    root = root_of(settings)
    for path in ordinary_files(artefacts):
        name = path.relative_to(artefacts).as_posix()
        stored.append(name)
        root.write_copy(name, path)


def _put_store(settings: Settings, database: Path, put: list[Path]) -> None:
    address = address_of(settings.database_url)
    if address.get_backend_name() == "sqlite":
        target = Path(address.database or "")
        target.parent.mkdir(parents=True, exist_ok=True)
        put += [Path(f"{target}{suffix}") for suffix in _SUFFIXES]
        if target.parent.stat().st_dev == database.parent.stat().st_dev:
            database.rename(target)
        else:
            shutil.copyfile(database, target)
        return
    source, store = Store.open(f"sqlite:///{database}"), Store.open(settings.database_url)
    try:
        assert is_sqlite(source.engine)
        with source.transaction() as reading, store.transaction() as writing:
            transfer(reading, writing)
    finally:
        source.close()
        store.close()
