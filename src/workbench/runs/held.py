"""A run as its worker holds it: every write is one transaction that first makes sure of the lease."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from workbench.commands.base import Command
from workbench.runs import events, leases
from workbench.runs.events import NewEvent
from workbench.runs.leases import Lease
from workbench.state import RunRecord
from workbench.store.errors import StoreBusy
from workbench.store.store import Store

ACTOR = "worker"
"""Who appears in the journal for what workers and reconcilers do."""


BUSY_TRIES = 4
"""How often a write is tried that finds the store busy; each try waits for as long as the store does."""


class HeldRun:
    """One attempt of a run under a lease.

    Every method but `record` raises LeaseLost once the lease is gone, and StoreError if the store cannot be written.
    Training must not fail because others keep the store busy, so a busy store is tried again.
    """

    def __init__(self, store: Store, lease: Lease, lease_seconds: float) -> None:
        self.store = store
        self.lease = lease
        self._lease_seconds = lease_seconds

    @property
    def record(self) -> RunRecord:
        """The run as it stands now."""
        return self.store.state().runs[self.lease.run_id]

    def append(self, new: Sequence[NewEvent]) -> None:
        """Append events."""
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
        for remaining in reversed(range(BUSY_TRIES)):
            try:
                with self.store.transaction() as connection:
                    leases.check(connection, self.lease)
                    if command is not None:
                        self.store.execute(command, actor=ACTOR, connection=connection)
                    events.append(connection, self.lease.run_id, self.lease.attempt, new)
                    if then is not None:
                        then(connection)
                return
            except StoreBusy:
                if remaining == 0:
                    raise
