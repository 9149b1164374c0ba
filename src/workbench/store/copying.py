"""Copying a whole store into another database, checked row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from workbench.store import schema
from workbench.store.errors import StoreError
from workbench.store.store import Store

COPIED = tuple(table for table in schema.metadata.sorted_tables if table is not schema.workers)
"""All tables but that of worker processes, which belong to a machine and a moment."""

ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class CopiedTable:
    """A table that was copied and read back: how many rows, and the sum of their SHA-256 modulo 2^256, in hexadecimal digits."""

    name: str
    rows: int
    checksum: str


def copy(source: Store, target: Store, told: Callable[[str, int, int], None] = lambda name, done, total: None) -> tuple[CopiedTable, ...]:
    """Copy everything of `source` into the empty `target`, in one transaction, and compare both.

    Nothing may train meanwhile, and no command is executed while it copies: the source's write lock is held.

    Args:
        told: (table, rows done, rows in all) after every part.

    Raises StoreError for the same database, a target with content, runs that are active, or rows that came out different.
    """
    if source.engine.url == target.engine.url:
        raise StoreError("The store to copy and the one to copy into are the same. Name another address to copy into.")
    active = [run for run in source.state().runs.values() if run.state.active]
    if active:
        numbers = ", ".join(f"#{run.number}" for run in active[:5])
        raise StoreError(
            f"{len(active)} runs are active ({numbers}): what they tell meanwhile would be missing. Stop them, or wait for their end."
        )
    with source.transaction() as reading, target.transaction() as writing:
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
