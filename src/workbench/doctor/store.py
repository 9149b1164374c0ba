"""The store: whether it opens, is of this version and whole, and whether its rows about workers and runs are true. It is not changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import ArgumentError, DatabaseError

from workbench.clock import from_text, utc_now
from workbench.doctor import sweeps
from workbench.doctor.finding import CLOCK_SECONDS, Finding, fault, ok, warning
from workbench.runs import leases
from workbench.runs.leases import WorkerRow
from workbench.settings import Settings
from workbench.state import AppState, RunState
from workbench.store.engine import address_of, explained, is_sqlite, make_engine, shown_address
from workbench.store.errors import StoreError
from workbench.store.migrate import revision
from workbench.store.schema import HEAD
from workbench.store.store import Store

_CONTENT = "Restore the store from a backup (`trellis restore`)."


class Unopened(Exception):
    """There is no store to look into; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def opened(settings: Settings) -> Store:
    """The store as it is, neither made nor upgraded. Raises Unopened."""
    try:
        address = address_of(settings.database_url)
        where = shown_address(settings.database_url)
        file = Path(address.database or "") if address.get_backend_name() == "sqlite" else None
        if file is not None and not file.exists():
            raise Unopened(ok("store", f"There is no store at {file} yet; the first start makes it."))
        engine = make_engine(settings.database_url)
        with engine.connect() as connection:
            current = revision(connection)
    except ArgumentError as error:
        raise Unopened(
            fault("store", "TRELLIS_DATABASE_URL is no address of a database.", "Write sqlite:///path or postgresql://user@host/name.")
        ) from error
    except DatabaseError as error:
        raise Unopened(fault("store", str(explained(error, where)), "Trellis cannot work without its store.")) from error
    except StoreError as error:
        raise Unopened(fault("store", str(error), "Trellis cannot work without its store.")) from error
    if current is None:
        raise Unopened(ok("store", f"The database at {where} is empty; the first start makes the tables."))
    if current != HEAD:
        raise Unopened(_other_version(current, where))
    return Store(engine)


def _other_version(current: str, where: str) -> Finding:
    if current > HEAD:
        return fault(
            "store", f"The store at {where} is at migration {current}, which a newer Trellis made.", "Use that version of Trellis."
        )
    todo = "Make a backup with the version that made it; the next start upgrades the store."
    return warning("store", f"The store at {where} is at migration {current}; this Trellis has {HEAD}.", todo)


def examine(store: Store, host: str) -> Iterator[Finding]:
    """A store that opened: whole, readable, and true about workers and runs."""
    where = shown_address(store.engine.url)
    try:
        problem = _integrity(store.engine)
        if problem:
            yield fault("store", f"The store at {where} is damaged: {problem}.", _CONTENT)
            return
        state = store.state()
        with store.reading() as connection:
            rows = leases.rows(connection)
            clock = None if is_sqlite(connection) else connection.execute(text("SELECT clock_timestamp()")).scalar()
    except StoreError as error:
        yield fault("store", str(error), _CONTENT)
        return
    yield ok("store", f"The store at {where} is whole, at migration {HEAD} and journal row {state.version:,}.", version=state.version)
    yield _clock(store, clock)
    yield _leases(rows, host)
    yield _runs(state, rows)
    yield from sweeps.examine(state)


def _integrity(engine: Engine) -> str:
    """What SQLite finds wrong with its file; "" if nothing. PostgreSQL keeps checksums of its own."""
    if not is_sqlite(engine):
        return ""
    try:
        with engine.connect() as connection:
            found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    except DatabaseError as error:
        return str(error.orig)
    return "" if found == "ok" else str(found)


def _clock(store: Store, database: datetime | None) -> Finding:
    """This machine's clock beside the database server's, and beside the newest row, which cannot come from the future."""
    with store.reading() as connection:
        newest = connection.execute(text("SELECT at FROM journal ORDER BY seq DESC LIMIT 1")).scalar()
    now = datetime.now(UTC)
    after = 0.0 if newest is None else (from_text(newest) - now).total_seconds()
    apart = 0.0 if database is None else (database - now).total_seconds()
    ahead, of = (apart, "the database server's") if abs(apart) > CLOCK_SECONDS else (max(0.0, after), "the newest row's")
    if abs(ahead) > CLOCK_SECONDS:
        said = f"This machine's clock is {abs(ahead):,.0f} s {'behind' if ahead > 0 else 'ahead of'} {of}."
        return warning("clock", said, "Set the clock by NTP: times of runs and leases are wrong.", difference=ahead)
    return ok("clock", f"This machine's clock agrees with {'the newest row' if database is None else 'the database server'}.")


def _leases(rows: tuple[WorkerRow, ...], host: str) -> Finding:
    now = utc_now()
    dead = [row for row in rows if row.gone(host) or (row.host != host and row.pid != 0 and row.seconds_past_lease(now) > 0)]
    facts = {"workers": len(rows), "dead": [row.id for row in dead]}
    if dead:
        held = [f"process {row.pid} on {row.host}{f' with run {row.run_id}' if row.run_id else ''}" for row in dead[:5]]
        said = f"Of {len(rows)} workers in the store, {len(dead)} without a process: {', '.join(held)}."
        return warning("workers", said, "A server or a worker that runs takes their rows away and ends their runs; start one.", **facts)
    return ok(
        "workers", f"{len(rows)} workers are in the store, and their processes live." if rows else "No worker is in the store.", **facts
    )


def _runs(state: AppState, rows: tuple[WorkerRow, ...]) -> Finding:
    held = {(row.run_id, row.attempt) for row in rows}
    lost = [r for r in state.active_runs if r.state is not RunState.QUEUED and (r.id, r.attempt) not in held]
    facts = {"active": len(state.active_runs), "orphaned": [run.id for run in lost]}
    if lost:
        said = f"Nobody works on {', '.join(f'run #{run.number}' for run in lost[:5])}, said to be {lost[0].state.value}."
        return warning("runs", said, "The next server or worker that runs ends such runs; then resume them.", **facts)
    return ok(
        "runs",
        f"Active runs: {len(state.active_runs)}, each with a worker or queued." if state.active_runs else "No run is active.",
        **facts,
    )
