"""A run as its worker holds it: every write is one transaction that first makes sure of the lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from workbench.clock import monotonic
from workbench.commands.base import Command
from workbench.runs import events, leases
from workbench.runs.events import NewEvent
from workbench.runs.leases import Lease
from workbench.state import RunRecord
from workbench.store.engine import is_sqlite
from workbench.store.errors import StoreAway, StoreBusy
from workbench.store.store import Store

ACTOR = "worker"
"""Who appears in the journal for what workers and reconcilers do."""


BUSY_TRIES = 4
"""How often a write is tried that finds the store busy; each try waits for as long as the store does."""


AWAY_SECONDS = 3600.0
"""How long a write waits for a database server that does not answer: no reason to throw hours of training away."""

AWAY_PAUSE_SECONDS = 1.0


class HeldRun:
    """One attempt of a run under a lease.

    Every method but `record` raises LeaseLost once the lease is gone, and StoreError if the store cannot be written.
    Training must not fail because others keep the store busy, or its server is away for a while: both are tried again, and what
    a server had done when it went is not done twice.
    """

    def __init__(self, store: Store, lease: Lease, lease_seconds: float) -> None:
        self.store = store
        self.lease = lease
        self._lease_seconds = lease_seconds
        self._writing = threading.RLock()

    @property
    def record(self) -> RunRecord:
        """The run as it stands now."""
        return self.store.state().runs[self.lease.run_id]

    def append(self, new: Sequence[NewEvent]) -> None:
        """Append events. On PostgreSQL that waits for no command, nor does any wait for it: their order is that of the run alone."""
        if new:
            self._write(None, new)

    def execute(self, command: Command, *new: NewEvent) -> None:
        """Execute a command about the run and append events, both or neither. Raises CommandError too."""
        self._write(command, new)

    def finish(self, command: Command, *new: NewEvent, leave: bool = False) -> None:
        """Execute the command that ends the run, append its last events and give the lease back.

        With `leave`, the worker's row goes too, because its process is about to end. Raises CommandError too.
        """

        def give_back(connection: Connection) -> None:
            if leave:
                leases.remove(connection, self.lease.worker_id)
            else:
                leases.release(connection, self.lease, self._lease_seconds)

        self._write(command, new, give_back)

    def _write(self, command: Command | None, new: Sequence[NewEvent], then: Callable[[Connection], None] | None = None) -> None:
        busy, until, again = BUSY_TRIES, monotonic() + AWAY_SECONDS, False
        while True:
            try:
                # threads of this process write one after the other, as the numbers of their events do
                with self._writing:
                    if command is None and not again and not is_sqlite(self.store.engine):
                        self._append_alone(new)
                    else:
                        self._write_once(command, new, then, again)
                return
            except StoreBusy:
                busy -= 1
                if busy == 0:
                    raise
            except StoreAway:
                if monotonic() >= until:
                    raise
                again = True
                time.sleep(AWAY_PAUSE_SECONDS)

    def _write_once(
        self, command: Command | None, new: Sequence[NewEvent], then: Callable[[Connection], None] | None, again: bool
    ) -> None:  # fmt: skip
        lease = self.lease
        with self.store.transaction() as connection:
            # what ended the run has given its lease back, too
            if again and new and events.is_last(connection, lease.run_id, new[-1]):
                return
            alone = bool(new) and not is_sqlite(connection) and not again
            if alone:
                self._append_held(connection, new)
            else:
                leases.check(connection, lease)
            # a statement that was under way when the server went has let go of the lease by now
            if again and new and events.is_last(connection, lease.run_id, new[-1]):
                return
            if command is not None:
                self.store.execute(command, actor=ACTOR, connection=connection)
            if not alone:
                events.append(connection, lease.run_id, lease.attempt, new)
            if then is not None:
                then(connection)

    def _append_held(self, connection: Connection, new: Sequence[NewEvent]) -> None:
        if not events.append_held(connection, self.lease.worker_id, self.lease.run_id, self.lease.attempt, new):
            raise leases.lost(self.lease)

    def _append_alone(self, new: Sequence[NewEvent]) -> None:
        while True:
            try:
                with self.store.statement() as connection:
                    self._append_held(connection, new)
                return
            except IntegrityError:
                # a server said meanwhile that it could not start a worker for the run
                continue
