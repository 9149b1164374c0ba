"""PostgreSQL with few round trips: what a write transaction begins with goes over together, and so does all that it writes, with its commit.

On a busy machine every answer that is waited for under the write lock is a moment in which nobody else can write. The lock is
given up at the commit and the disk is waited for afterwards, so that many transactions share one wait: nothing is answered
before it is durable, but others may have seen it a few milliseconds earlier. If the database is killed between, what they
have seen is gone; `Seen` has them notice that the journal goes on from another row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.exc import DBAPIError

from workbench.state import AppState
from workbench.store.apply import apply
from workbench.store.deltas import changes_of, read_deltas
from workbench.store.journal import Write
from workbench.store.load import LONGEST_TAIL, whole_state

if TYPE_CHECKING:
    from psycopg import Connection as Driver

LOCK = 84172065
"""The advisory lock of everybody who writes to the journal."""

Row = Mapping[str, Any]

_TAIL = (
    "SELECT seq, at, CASE WHEN seq > %(version)s THEN changes END, CASE WHEN seq > %(version)s THEN inverse END "
    "FROM journal WHERE seq >= %(version)s ORDER BY seq LIMIT %(most)s"
)
"""The row that a known state ends with, and those after it."""
_STANDING = "SELECT role, disabled FROM people WHERE id = %s"
_DURABLE = "SELECT pg_logical_emit_message(true, 'trellis', '')"
"""Something to write that changes nothing."""


@dataclass(frozen=True)
class Seen:
    """A state and the time that the journal's row of its version has (None before the first)."""

    state: AppState
    at: str | None


def begin(connection: Connection, seen: Seen | None, person: str | None) -> tuple[Seen, Row | None]:
    """Begin a write transaction under the lock.

    Args:
        seen: what is known of the state. person: the id of a user whose role will be asked for.

    Returns:
        What holds until the transaction ends: the newest state, and that user's role and whether they are disabled (None: not there).
    """
    given = _given(seen)
    with _pipeline(connection) as driver:
        driver.execute("SET LOCAL synchronous_commit = off")
        driver.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        tail = driver.execute(_TAIL, given)
        standing = None if person is None else driver.execute(_STANDING, (person,))
    found = None if standing is None else standing.fetchone()
    newest = followed(seen, tail.fetchall()) or read_whole(connection)
    return newest, None if found is None else {"role": found[0], "disabled": found[1]}


def look(connection: Connection, seen: Seen | None) -> Seen | None:
    """The newest state, asked with one statement; None where it has to be read anew."""
    return followed(seen, connection.exec_driver_sql(_TAIL, _given(seen)).all())


def read_whole(connection: Connection) -> Seen:
    """The state as the tables hold it, read within one transaction."""
    state = whole_state(connection)
    row = connection.exec_driver_sql("SELECT at FROM journal WHERE seq = %(version)s", {"version": state.version}).first()
    return Seen(state, None if row is None else row[0])


def followed(seen: Seen | None, rows: Sequence[Any]) -> Seen | None:
    """The state after a tail of the journal; None if it is unknown, far behind, or not what the journal goes on from."""
    if seen is None or len(rows) > LONGEST_TAIL + 1:
        return None
    state, at = seen.state, seen.at
    if state.version > 0:
        if not rows or (rows[0][0], rows[0][1]) != (state.version, at):
            return None
        rows = rows[1:]
    for seq, at_row, changes, inverse in rows:
        state, at = apply(state, changes_of(state, read_deltas(changes, inverse)), seq), at_row
    return seen if state is seen.state else Seen(state, at)


def write(connection: Connection, writes: Iterable[Write]) -> None:
    """Execute statements within the transaction."""
    with _pipeline(connection) as driver:
        _put(driver, writes)


def commit(connection: Connection, writes: Iterable[Write]) -> None:
    """Execute statements and commit the transaction: others see it, but it may not be on the disk yet."""
    with _pipeline(connection) as driver:
        _put(driver, writes)
        driver.execute("COMMIT")


def await_disk(connection: Connection) -> None:
    """Return once everything that was committed is on the disk: a transaction of its own waits for it, with whoever else waits."""
    with _pipeline(connection) as driver:
        driver.execute(_DURABLE)
        driver.execute("COMMIT")


def _put(driver: Driver, writes: Iterable[Write]) -> None:
    for statement, rows in writes:
        text = _text(statement)
        for row in rows if len(rows) < 3 else ():
            driver.execute(text, row)
        if len(rows) >= 3:
            driver.cursor().executemany(text, rows)


@contextmanager
def _pipeline(connection: Connection) -> Iterator[Driver]:
    """The driver's own connection, whose statements in the block go over together. Raises DBAPIError as SQLAlchemy does."""
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield driver
    except psycopg.Error as error:
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, connection_invalidated=driver.closed, dialect=connection.dialect
        ) from error


def _given(seen: Seen | None) -> dict[str, int]:
    # the rows are of no use to who knows nothing
    return {"version": seen.state.version, "most": LONGEST_TAIL + 2} if seen is not None else {"version": 0, "most": 0}


@cache
def _text(statement: Any) -> Any:
    """A statement as the driver takes it."""
    return str(statement.compile(dialect=dialect.dialect()))
