"""The store: executes commands in one transaction each and keeps a cached snapshot of the state."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, NotSupportedError, ProgrammingError

from workbench import families
from workbench.clock import monotonic, utc_now
from workbench.commands.base import Changes, Command, CommandError, Env, Facts
from workbench.ids import new_id
from workbench.measuring import Tally
from workbench.people import rights
from workbench.people.rights import Standing
from workbench.state import AppState, LabelValue
from workbench.store import checks, journal, pipelined, undo
from workbench.store.apply import apply
from workbench.store.deltas import changes_of, deltas_between
from workbench.store.engine import WRITE, explained, is_sqlite, make_engine, shown_address
from workbench.store.errors import VersionConflict
from workbench.store.history import HistoryEntry, entries_about, labels_at, record_at
from workbench.store.load import caught_up
from workbench.store.local import Local
from workbench.store.migrate import migrate
from workbench.store.pipelined import Seen


@dataclass(frozen=True)
class Executed:
    """What an executed command did: its journal number (the state's version if nothing changed), its changes, the state after; of an Undo
    or Redo also what it passed by, as somebody changed it since."""

    seq: int
    changes: Changes
    state: AppState
    passed: tuple[undo.Overwrite, ...] = ()


class Store:
    """One store, shared by all threads of a process; every process opens its own on the same database.

    Attributes:
        commands: those that were executed here, by name and outcome.
    """

    def __init__(self, engine: Engine, *, now: Callable[[], str] = utc_now, check: bool = False) -> None:
        self.engine = engine
        self._now = now
        self._check = check
        self._seen: Seen | None = None
        self._on_sqlite = is_sqlite(engine)
        self._new_locks()
        _stores.add(self)
        if not self._on_sqlite:
            event.listen(engine, "before_cursor_execute", self._write_first)

    @classmethod
    def open(cls, url: str, *, now: Callable[[], str] = utc_now, check: bool = False) -> Store:
        """Open the store at a database address, creating or upgrading its tables. Raises StoreError.

        Args:
            now: the clock. check: assert around every command that it mutates nothing and that the state survives JSON.
        """
        engine = make_engine(url)
        store = cls(engine, now=now, check=check)
        with store._explained():
            migrate(engine)
        return store

    def close(self) -> None:
        """Close every connection; the store can still be used and opens new ones."""
        self.engine.dispose()

    def state(self) -> AppState:
        """The newest state; within this thread's `transaction()`, with what that has executed so far."""
        if self._local.connection is not None:
            return self._newest(self._local.connection)
        known = self._seen
        with self._explained():
            if not self._on_sqlite and known is not None:
                with self._alone() as connection:
                    found = pipelined.look(connection, known)
                if found is not None:
                    return self._keep(found, known)
            with self._snapshot() as connection:
                return self._keep(self._read(connection, known), known)

    def _newest(self, connection: Connection) -> AppState:
        """The newest state within a write transaction. On PostgreSQL it was read with the lock; on SQLite it is where it is wanted."""
        if self._local.state is None:
            self._local.state = caught_up(connection, self._seen and self._seen.state)
        return self._local.state

    def _read(self, connection: Connection, known: Seen | None) -> Seen:
        """The newest state, read within a transaction that sees one moment."""
        if self._on_sqlite:
            return Seen(caught_up(connection, known and known.state), None)
        return pipelined.look(connection, known) or pipelined.read_whole(connection)

    def execute(
        self,
        command: Command,
        *,
        actor: str,
        expected_version: int | None = None,
        expected: tuple[str, int] | None = None,
        facts: Facts | None = None,
        connection: Connection | None = None,
    ) -> Executed:
        """Decide on the fresh state, append to the journal and update the tables, in one transaction.

        Args:
            expected_version: the state's version the caller has seen; any later one is a conflict.
            expected: (entity id, its version the caller has seen): only a later change of that entity is a conflict.
            facts: what the command needs to know from files, read beforehand.
            connection: one from `transaction()`, to execute within that transaction; the cache follows when it commits.

        Raises CommandError (nothing is written; its code is `forbidden` where the actor's role does not allow it), VersionConflict, StoreError.
        """
        if not actor or len(actor) > 200:
            raise ValueError(f"an actor's name has 1 to 200 characters (got {len(actor)})")
        if connection is not None and connection is not self._local.connection:
            raise RuntimeError("the connection is not that of this thread's open transaction()")
        with self._counted(command) as outcome, self.transaction(actor) if connection is None else nullcontext(connection) as own:
            done = self._execute(own, command, actor, expected_version, expected, facts)
            outcome.append("done" if done.changes else "nothing")
        return done

    def execute_all(
        self, commands: Iterable[Command], *, actor: str, expected: tuple[str, int] | None = None, facts: Facts | None = None
    ) -> Executed | None:
        """Execute several commands in one transaction, all or none; what the last one did, None for no commands.

        `expected` is compared once, before the first. Raises as `execute` does.
        """
        done = None
        with self.transaction(actor) as connection:
            for command in commands:
                done = self.execute(command, actor=actor, expected=expected, facts=facts, connection=connection)
                expected = None
        return done

    @contextmanager
    def transaction(self, actor: str | None = None) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back if it raises.

        It holds the store's write lock from the start, so what commands have done stays true until it commits. Commands executed
        in it see one another. Raises StoreBusy after waiting too long for another process, StoreError.

        Args:
            actor: who will execute commands in it, whose role is then read with the lock.
        """
        self._be_in_none()
        with self._explained(), self.engine.connect().execution_options(**{WRITE: True}) as connection:
            with self._writer, self._begun(connection, actor):
                yield connection
            if not self._on_sqlite:
                pipelined.await_disk(connection)

    def _be_in_none(self) -> None:
        if self._local.connection is not None:
            raise RuntimeError("this thread is inside a transaction() already; pass its connection to execute()")

    @contextmanager
    def _begun(self, connection: Connection, actor: str | None) -> Iterator[None]:
        """The block is a write transaction of this connection; what it leaves is the newest state from then on."""
        local, known = self._local, self._seen
        with connection.begin():
            local.begin(connection)
            try:
                if not self._on_sqlite:
                    seen, local.standing = pipelined.begin(connection, known, rights.person_of(actor))
                    local.actor, local.state, local.at = actor, seen.state, seen.at
                yield
                if not self._on_sqlite:
                    writes, local.writes = local.writes, []
                    pipelined.commit(connection, writes)
            finally:
                state, at = local.state, local.at
                local.begin(None)
        if state is not None:
            self._keep(Seen(state, at), known)

    @contextmanager
    def statement(self) -> Iterator[Connection]:
        """A connection for one statement that writes rows which nobody else writes meanwhile: a run's events by whoever holds its lease, a
        worker's row. It is committed by itself.

        On PostgreSQL it neither waits for commands nor has them wait; on SQLite it is as `transaction()`. Raises StoreError.
        """
        if self._on_sqlite:
            with self.transaction() as connection:
                yield connection
        else:
            self._be_in_none()
            with self._explained(), self._alone() as connection:
                yield connection

    def history(self, kind: str, id: str, limit: int | None = 500, *, after: int = 0, before: int | None = None) -> list[HistoryEntry]:
        """Who changed an entity (its labels included), what and when, newest first; only journal numbers between these two."""
        with self._explained(), self._snapshot() as connection:
            return entries_about(connection, kind, id, limit, after, before)

    def arguments_about(self, kind: str, id: str, command: str) -> list[dict[str, Any]]:
        """What one kind of command was given, as JSON values, of those that touched an entity, oldest first."""
        with self._explained(), self._snapshot() as connection:
            return list(journal.arguments_about(connection, kind, id, command))

    def record_at(self, kind: str, id: str, seq: int) -> Any:
        """An entity's record as it was at a journal number; None if there was none then."""
        with self._explained(), self._snapshot() as connection:
            state = self._read(connection, self._seen).state
            return record_at(connection, kind, id, seq, state.of(kind).get(id))

    def labels_at(self, model_id: str, seq: int) -> dict[int, LabelValue]:
        """A model's labels as they were at a journal number."""
        with self._explained(), self._snapshot() as connection:
            state = self._read(connection, self._seen).state
            return labels_at(connection, model_id, seq, state.labels.get(model_id, {}))

    def undo_words(self, actor: str) -> str | None:
        """What the actor's next Undo would take back, in words; None if there is nothing."""
        return self._walk_words("undo", actor)

    def redo_words(self, actor: str) -> str | None:
        """What the actor's next Redo would bring again, in words; None if there is nothing."""
        return self._walk_words("redo", actor)

    def _walk_words(self, walk: Any, actor: str) -> str | None:
        with self._explained(), self._snapshot() as connection:
            seq = journal.next_to(connection, walk, actor)
            row = journal.row(connection, seq) if seq is not None else None
            return row.words if row else None

    def _execute(
        self,
        connection: Connection,
        command: Command,
        actor: str,
        expected_version: int | None,
        expected: tuple[str, int] | None,
        facts: Facts | None,
    ) -> Executed:
        state = self._newest(connection)
        _compare_versions(state, expected_version, expected)
        links: dict[str, int] = {}
        about, need = "", command.needs
        passed: tuple[undo.Overwrite, ...] = ()
        if command.journal_walk is not None:
            facts = undo.find_walk(connection, command, actor, state)
            passed, target = facts.passed, facts.target
            if target is not None:
                # imported here, because it knows every command, which know the store
                from workbench.commands.needed import role_of_row

                about, need = f": {target.row.words}", role_of_row(target.row.command, target.row.deltas)
                links = {"undoes" if command.journal_walk == "undo" else "redoes": target.row.seq}
        known = Standing(self._local.standing) if actor == self._local.actor else None
        rights.require(connection, actor, need, known)
        now = self._now()
        env = Env(now, lambda kind: _unused_id(state, kind), actor, families.model_type, facts)
        words = command.said(state, env)
        words += about
        before = checks.state_to_json(state) if self._check else ""
        changes = command.decide(state, env)
        deltas = deltas_between(state, changes)
        if self._check:
            checks.assert_unchanged(before, state, type(command).__name__)
        if not deltas:
            return Executed(state.version, (), state, passed)
        new = apply(state, changes_of(state, deltas), state.version + 1)
        if self._check:
            checks.assert_survives_json(new, type(command).__name__)
        writes = journal.writes_of(new, now, actor, command, words, deltas, links, self._on_sqlite)
        if self._on_sqlite:
            journal.write(connection, writes)
        else:
            self._local.writes += writes
        self._local.state, self._local.at = new, now
        return Executed(new.version, changes_of(state, deltas), new, passed)

    def _write_first(self, connection: Connection, *asked: Any) -> None:
        """Have what commands wrote go before whatever else is asked within their transaction."""
        if self._local.writes and self._local.connection is connection:
            writes, self._local.writes = self._local.writes, []
            pipelined.write(connection, writes)

    def _keep(self, seen: Seen, known: Seen | None) -> AppState:
        """Swap the cached snapshot, unless another thread has already kept a newer one. `known`: what it was when the store was asked."""
        with self._swap:
            if self._seen is None or self._seen is known or seen.state.version > self._seen.state.version:
                self._seen = seen
            return seen.state

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection whose reads all see one moment. Raises StoreError."""
        with self._explained(), self._snapshot() as connection:
            yield connection

    @contextmanager
    def reading_once(self) -> Iterator[Connection]:
        """A connection for one statement that reads, which needs no transaction to see one moment. Raises StoreError."""
        with self._explained(), self._snapshot() if self._on_sqlite else self._alone() as connection:
            yield connection

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            if not self._on_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if isinstance(error, IntegrityError | ProgrammingError | DataError | NotSupportedError):
                raise
            raise explained(error, shown_address(self.engine.url)) from error

    @contextmanager
    def _counted(self, command: Command) -> Iterator[list[str]]:
        """Count a command with its outcome, which the block appends, and its time, that of the commit included."""
        outcome: list[str] = []
        begun, word = monotonic(), "failed"
        try:
            yield outcome
            word = outcome[0]
        except VersionConflict:
            word = "conflict"
            raise
        except CommandError:
            word = "refused"
            raise
        finally:
            self.commands.add((type(command).__name__.removesuffix("Command"), word), monotonic() - begun)

    def _new_locks(self) -> None:
        self._swap = threading.Lock()
        self._writer = threading.Lock()
        self._local = Local()
        self.commands = Tally()


def _compare_versions(state: AppState, expected_version: int | None, expected: tuple[str, int] | None) -> None:
    if expected_version is not None and expected_version != state.version:
        raise VersionConflict(
            f"The state has changed since version {expected_version}; it is at {state.version} now.",
            expected=expected_version,
            current=state.version,
        )
    if expected is not None:
        id, version = expected
        current = state.versions.get(id, 0)
        if version != current:
            raise VersionConflict(
                f"{id} was changed by somebody else: you had version {version}, it is at {current} now.", expected=version, current=current
            )


def _unused_id(state: AppState, kind: str) -> str:
    while True:
        id = new_id(kind)
        if id not in state.of(kind):
            return id


_stores: weakref.WeakSet[Store] = weakref.WeakSet()


def _renew_locks() -> None:
    for store in list(_stores):
        store._new_locks()


os.register_at_fork(after_in_child=_renew_locks)
