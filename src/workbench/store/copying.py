"""Copying a whole store into another database, checked row by row."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, func, insert, inspect, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from workbench.store import schema
from workbench.store.engine import address_of, explained, make_engine, shown_address
from workbench.store.errors import StoreError
from workbench.store.store import Store

COPIED = tuple(table for table in schema.metadata.sorted_tables if table not in schema.PASSING)
"""All tables but those that belong to machines and moments."""

ROWS_AT_ONCE = 2000

_SQLITE = b"SQLite format 3\0"
"""How such a file begins."""


@dataclass(frozen=True)
class CopiedTable:
    """A table that was copied and read back: how many rows, and the sum of their SHA-256 modulo 2^256, in hexadecimal digits."""

    name: str
    rows: int
    checksum: str


Told = Callable[[str, int, int], None]
"""(table, rows done, rows in all) after every part."""


def copy_between(source: str, target: str, told: Told = lambda name, done, total: None) -> tuple[CopiedTable, ...]:
    """Copy the store at one address to another, as `copy` does. What is refused leaves no trace at either.

    Raises StoreError, also for an address without a store to copy and one where something lies already.
    """
    addresses = [_address(source), _address(target)]
    file = _file(addresses[0])
    if file is not None and not file.exists():
        raise StoreError(f"There is no store to copy at {file}. Check the address.")
    new = _file(addresses[1])
    there = new is not None and new.exists()
    if there and file is not None and new is not None and file.samefile(new):
        raise StoreError("The store to copy and the one to copy into are the same. Name another address to copy into.")
    if new is not None:
        _check_file(new)
    old = Store.open(source)
    try:
        _check_idle(old)
        if new is None or there:
            _check_empty(target)
        into = Store.open(target)
        try:
            return copy(old, into, told)
        except BaseException:
            if new is not None and not there:
                into.close()
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{new}{suffix}").unlink(missing_ok=True)
            raise
        finally:
            into.close()
    finally:
        old.close()


def _address(text: str) -> URL:
    try:
        address = address_of(text)
    except ArgumentError as error:
        raise StoreError(f"{text!r} is no address of a database. Write sqlite:///path or postgresql://user@host/name.") from error
    if address.get_backend_name() == "sqlite" and not address.database:
        raise StoreError(f"{text!r} names no file. Write sqlite:///path (four slashes for an absolute one).")
    return address


def _file(address: URL) -> Path | None:
    return Path(address.database or "").absolute() if address.get_backend_name() == "sqlite" else None


def _check_file(path: Path) -> None:
    """Whether a store may be made in that file, which is not there or is a database without content."""
    if not path.parent.is_dir():
        raise StoreError(f"There is no folder {path.parent} to copy into. Create it, or name another address.")
    if path.exists() and not path.is_file():
        raise StoreError(f"{path} is no ordinary file. Name a file to copy into.")
    if path.exists() and path.stat().st_size and _begins(path) != _SQLITE:
        raise StoreError(f"{path} is no SQLite database. Name a new file to copy into.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise StoreError(f"{path} cannot be written. Check its permissions, or name another address to copy into.")


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_SQLITE))


def _check_empty(target: str) -> None:
    """Whether a database holds no table, or those of a store alone."""
    engine = make_engine(target)
    try:
        with engine.connect() as connection:
            others = sorted({*inspect(connection).get_table_names()} - {*schema.metadata.tables, schema.VERSION_TABLE})
    except SQLAlchemyError as error:
        raise explained(error, shown_address(engine.url)) from error
    finally:
        engine.dispose()
    if others:
        raise StoreError(f"The database to copy into holds something else (tables {', '.join(others[:5])}). Name an empty one.")


def _check_idle(source: Store) -> None:
    active = [run for run in source.state().runs.values() if run.state.active]
    if active:
        numbers = ", ".join(f"#{run.number}" for run in active[:5])
        are = "1 run is" if len(active) == 1 else f"{len(active)} runs are"
        raise StoreError(f"{are} active ({numbers}): what is told meanwhile would be missing. Stop them, or wait for their end.")


def copy(source: Store, target: Store, told: Told = lambda name, done, total: None) -> tuple[CopiedTable, ...]:
    """Copy everything of `source` into the empty `target`, in one transaction, and compare both.

    Nothing may train meanwhile, and no command is executed while it copies: the source's write lock is held.

    Raises StoreError for a target with content, runs that are active, or rows that came out different.
    """
    _check_idle(source)
    with source.transaction() as reading, target.transaction() as writing:
        return transfer(reading, writing, told)


def transfer(reading: Connection, writing: Connection, told: Told = lambda name, done, total: None) -> tuple[CopiedTable, ...]:
    """Copy all rows that one transaction sees into the empty store of another, and compare both.

    Raises StoreError for a target with content, or rows that came out different.
    """
    full = [table.name for table in COPIED if _rows(writing, table)]
    if full:
        raise StoreError(f"The store to copy into is not empty (it has rows in {', '.join(full)}). Name an empty database.")
    for table in COPIED:
        total, done = _rows(reading, table), 0
        for rows in _parts(reading, table):
            writing.execute(insert(table), rows)
            done += len(rows)
            told(table.name, done, total)
    return tuple(_compared(reading, writing, table) for table in COPIED)


def _rows(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar() or 0


def _parts(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """All rows by primary key, some at once."""
    result = connection.execution_options(stream_results=True).execute(select(table).order_by(*table.primary_key.columns))
    for part in result.mappings().partitions(ROWS_AT_ONCE):
        yield [dict(row) for row in part]


def _compared(before: Connection, after: Connection, table: Table) -> CopiedTable:
    first, second = (_sum(connection, table) for connection in (before, after))
    if first != second:
        raise StoreError(f"The rows of {table.name} came out different. Nothing was copied; the store itself is as it was.")
    return first


def _sum(connection: Connection, table: Table) -> CopiedTable:
    """What the rows come to, read back: a sum over all of them, because databases do not sort texts alike."""
    rows, total = 0, 0
    for part in _parts(connection, table):
        rows += len(part)
        total += sum(int.from_bytes(hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()) for row in part)
    return CopiedTable(table.name, rows, f"{total % 2**256:064x}")
