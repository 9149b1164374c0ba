"""The SQLAlchemy engine: durable SQLite, explicit transactions, connections that never cross a fork."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
import weakref
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from workbench.store.errors import StoreBusy, StoreError, StoreFull

WRITE = "trellis_write"
"""Execution option of connections that write: their transaction takes the write lock at its start."""

BUSY_SECONDS = 15.0
"""How long a writer waits for another process's transaction."""

_FULL_BYTES = 64 * 1024
"""Free space that counts as none: SQLite's shared-memory file alone takes half of it."""

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()

SYNCHRONOUS = "FULL"
"""How SQLite writes: FULL, so that what was answered survives the loss of power, too."""


def make_engine(url: str) -> Engine:
    """An engine for the store's address. Raises StoreError for an address that cannot be used."""
    try:
        address = make_url(url)
        if address.get_backend_name() != "sqlite":
            engine = create_engine(address, pool_pre_ping=True)
        else:
            if not address.database or address.database == ":memory:":
                raise StoreError("The store needs a file that several processes can open: set TRELLIS_DATABASE_URL to sqlite:///<path>.")
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(address, pool_size=16, max_overflow=48, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _configure_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(f"TRELLIS_DATABASE_URL={url!r} is not an address of a database Trellis knows: {error}") from error
    except OSError as error:
        raise StoreError(f"The store's folder cannot be created: {error}. Set TRELLIS_HOME or TRELLIS_DATABASE_URL to another.") from error
    _engines.add(engine)
    return engine


def is_sqlite(engine: Engine | Connection) -> bool:
    """Whether the engine speaks to SQLite."""
    return engine.dialect.name == "sqlite"


def _configure_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, never by the driver
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        # Turning WAL on needs the file alone for a moment, and SQLite does not wait for that by itself.
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def explained(error: Exception, url: str) -> StoreError:
    """A database error as one of Trellis, in words, with what to do. `url` is the store's address without its password."""
    text = str(getattr(error, "orig", None) or error)
    if "locked" in text:
        return StoreBusy(f"The store is busy: another process has held it for more than {BUSY_SECONDS:g} seconds. Try again.")
    if "full" in text or ("disk I/O error" in text and _full(url)):
        return StoreFull(f"The disk is full: the store at {url} could not be written. Nothing was changed. Free some space and try again.")
    if "readonly" in text or "unable to open" in text:
        return StoreError(
            f"The store at {url} cannot be written ({text}). Check its permissions, or set TRELLIS_HOME or TRELLIS_DATABASE_URL to another."
        )
    if "malformed" in text or "not a database" in text:
        return StoreError(f"The store at {url} is damaged ({text}). Restore the file from a backup, or set TRELLIS_HOME to another folder.")
    return StoreError(f"The store at {url} cannot be used: {text}.")


def _full(url: str) -> bool:
    """Whether the store's disk has no space left: then SQLite may fail before it finds out why."""
    try:
        return shutil.disk_usage(Path(make_url(url).database or ".").parent).free < _FULL_BYTES
    except (OSError, ArgumentError):
        return False


def _forget_connections() -> None:
    for engine in list(_engines):
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_forget_connections)
