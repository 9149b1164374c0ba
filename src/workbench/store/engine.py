"""The SQLAlchemy engine: durable SQLite or PostgreSQL, explicit transactions, connections that never cross a fork."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
import weakref
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, NoSuchModuleError

from workbench.store.errors import StoreAway, StoreBusy, StoreError, StoreFull

WRITE = "trellis_write"
"""Execution option of connections that write: their transaction takes the write lock at its start."""

BUSY_SECONDS = 15.0
"""How long a writer waits for another process's transaction."""

_FULL_BYTES = 64 * 1024
"""Free space that counts as none: SQLite's shared-memory file alone takes half of it."""

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()

SYNCHRONOUS = "FULL"
"""How SQLite writes: FULL, so that what was answered survives the loss of power, too."""


IDLE_SECONDS = 10.0
"""How long a process may do nothing within a transaction before PostgreSQL takes it back: less than others wait."""

CONNECT_SECONDS = 5
"""How long a database server may take to answer a new connection."""

RESTED_SECONDS = 0.25
"""A connection that was not used for so long is asked whether its server is still there, before it is used again."""

_POSTGRES = ("postgres", "postgresql")


def address_of(url: str | URL) -> URL:
    """The store's address as SQLAlchemy takes it: PostgreSQL's, however it is written, with the driver that Trellis brings.

    Raises ArgumentError for what is no address.
    """
    address = make_url(url)
    return address.set(drivername="postgresql+psycopg") if address.drivername in _POSTGRES else address


def shown_address(url: str | URL) -> str:
    """An address as people write it, without its password. Raises ArgumentError for what is no address."""
    address = address_of(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql")
    return address.render_as_string(hide_password=True)


def make_engine(url: str) -> Engine:
    """An engine for the store's address. Raises StoreError for an address that cannot be used."""
    try:
        address = address_of(url)
        if address.get_backend_name() == "postgresql":
            engine = create_engine(
                address,
                pool_size=16,
                max_overflow=48,
                # the one used last has not rested, and knows the statements
                pool_use_lifo=True,
                connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "trellis"},
            )
            event.listen(engine, "connect", _configure_postgres)
            _have_rested_asked(engine)
        elif address.get_backend_name() != "sqlite":
            raise StoreError(
                f"TRELLIS_DATABASE_URL={url!r}: Trellis keeps its store in SQLite (sqlite:///path) or PostgreSQL (postgresql://...)."
            )
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


def _configure_postgres(connection: Any, record: Any) -> None:
    # the write lock is waited for as long as SQLite's, and whoever stops in the middle of a transaction loses it before others give up
    connection.execute(f"SET lock_timeout = '{int(BUSY_SECONDS * 1000)}ms'")
    connection.execute(f"SET idle_in_transaction_session_timeout = '{int(IDLE_SECONDS * 1000)}ms'")
    connection.commit()


def _have_rested_asked(engine: Engine) -> None:
    """Have connections that rested for a while be replaced if their server went meanwhile: asking each time would be a round trip more."""

    def used(connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def taken(connection: Any, record: Any, proxy: Any) -> None:
        if time.monotonic() - record.info["used"] < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError(str(error)) from error

    for name, heard in (("connect", used), ("checkin", used), ("checkout", taken)):
        event.listen(engine, name, heard)


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
    original = getattr(error, "orig", None) or error
    text = str(original)
    if type(original).__module__.startswith("psycopg"):
        return _explained_postgres(getattr(original, "sqlstate", None), text.strip().replace("\n", " "), url)
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


_LOCK_NOT_AVAILABLE = "55P03"
_TRY_AGAIN = ("40001", "40P01", _LOCK_NOT_AVAILABLE)
"""SQLSTATEs of a transaction that met another one (PostgreSQL's appendix A)."""


def _explained_postgres(state: str | None, text: str, url: str) -> StoreError:
    if state in _TRY_AGAIN:
        return StoreBusy(f"The store is busy: another process has held it for more than {BUSY_SECONDS:g} seconds. Try again.")
    if state in ("53100", "53200"):
        return StoreFull(f"The database server has no space left: the store at {url} could not be written ({text}). Nothing was changed.")
    if state in ("28000", "28P01") or "authentication failed" in text:
        return StoreError(f"The database at {url} refuses the user or the password ({text}). Check TRELLIS_DATABASE_URL.")
    if state == "3D000" or ("database" in text and "does not exist" in text):
        return StoreError(f"There is no such database at {url} ({text}). Create it (createdb), or check TRELLIS_DATABASE_URL.")
    if state == "42501":
        return StoreError(f"The user of {url} may not do that ({text}). Let it own the database.")
    if state is None or state[:2] in ("08", "57") or state == "53300":
        return StoreAway(
            f"The database at {url} does not answer ({text}). What is done is kept there; Trellis goes on when it answers again."
        )
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
