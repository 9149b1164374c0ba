"""Taking a backup while servers write and runs train."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy import Connection

from workbench.artefacts import root_of, writing
from workbench.backup import archive as archives
from workbench.backup import owned
from workbench.backup.archive import ARTEFACTS, HOME, STORE, BackupError, Entry, Manifest, Told
from workbench.backup.home import DATABASE, home_files
from workbench.backup.staging import Staged, Staging, here, link_active, link_others, staging
from workbench.clock import utc_now
from workbench.named import named_files
from workbench.settings import Settings
from workbench.state import AppState, ModelRecord, RunRecord
from workbench.store.copying import transfer
from workbench.store.engine import is_sqlite
from workbench.store.store import Store


def take(store: Store, settings: Settings, place: Path, told: Told = lambda done, total: None) -> Manifest:
    """Write the state of this moment and all files that it names to `place`, whole or not at all.

    Others go on writing meanwhile: they wait only while the moment is chosen and the files of active runs are linked.

    Raises BackupError, StoreError, DiskFull, ArtefactError.
    """
    artefacts = root_of(settings)
    with staging(settings) as staged:
        database = staged.folder / DATABASE
        state, made_at = _moment(store, staged, database)
        link_others(staged, state, artefacts)
        files = [here(STORE, database)]
        files += [here(f"{HOME}/{name}", path) for name, path in home_files(settings)]
        files += [replace(each, name=f"{ARTEFACTS}/{each.name}") for each in staged.files()]
        _require_places(files)
        with writing(place) as file:
            # should this process die, the unfinished file goes with the folder
            owned.sign(staged.folder, beside=(file.name,))
            os.fchmod(file.fileno(), 0o600)
            with zipfile.ZipFile(file, "w", allowZip64=True, compresslevel=1) as archive:
                entries = _added(archive, files, told)
                manifest = Manifest(
                    trellis=_version(), made_at=made_at, journal=state.version, models=_alive(state.models), runs=_alive(state.runs),
                    active=tuple(run.number for run in state.active_runs), missing=_missing(state, entries), files=entries,
                )  # fmt: skip
                archives.add_manifest(archive, manifest)
    return manifest


def _moment(store: Store, staged: Staging, database: Path) -> tuple[AppState, str]:
    """Choose the moment, link what may be gone a second later, and write the store as it is at that moment to a file."""
    with store.reading() as connection:
        with store.transaction():
            # the first read fixes what all reads of this connection see; nobody writes until the block ends
            connection.exec_driver_sql("SELECT count(*) FROM journal WHERE seq = 0")
            state, made_at = store.state(), utc_now()
            link_active(staged, state)
        if is_sqlite(connection):
            _copy_file(connection, database)
        else:
            _copy_rows(connection, database)
    return state, made_at


def _copy_file(connection: Connection, database: Path) -> None:
    """SQLite's own backup, of what the connection's transaction sees; without workers, which belong to a machine and a moment."""
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    target = sqlite3.connect(database, isolation_level=None)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("DELETE FROM workers")
    finally:
        target.close()


def _copy_rows(connection: Connection, database: Path) -> None:
    target = Store.open(f"sqlite:///{database}")
    try:
        with target.transaction() as writing_rows:
            transfer(connection, writing_rows)
    finally:
        target.close()
    one_file(database)


def one_file(database: Path) -> None:
    """Put a database's log into its file, so that it is one file."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()


def _require_places(files: list[Staged]) -> None:
    """Raise BackupError for a file that could not be put back."""
    for each in files:
        if not archives.has_place(each.name):
            why = "it is no UTF-8, has a backslash, a colon or a control character in it, or is too long"
            raise BackupError(f"{each.name!r} has a name that could not be put back: {why}. Rename the file, and make the backup again.")


def _added(archive: zipfile.ZipFile, files: list[Staged], told: Told) -> tuple[Entry, ...]:
    total, done, entries = sum(each.size for each in files), 0, []

    def count(piece: int) -> None:
        nonlocal done
        done += piece
        told(min(done, total), total)

    for each in files:
        # a name or a configuration that somebody removed just now
        with suppress(FileNotFoundError), each.opened() as path:
            if path.is_file():
                entries.append(archives.add(archive, each.name, path, count))
    return tuple(entries)


def _missing(state: AppState, entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """Files that rows name with a checksum and that are not in the archive as such: they were missing or damaged before."""
    has = {entry.name: entry.sha256 for entry in entries}
    return tuple(file.name for file in named_files(state) if has.get(f"{ARTEFACTS}/{file.name}") != file.sha256)


def _alive(records: Mapping[str, ModelRecord | RunRecord]) -> int:
    return sum(record.deleted_at is None for record in records.values())


def _version() -> str:
    try:
        return version("trellis")
    except PackageNotFoundError:
        return "0"
