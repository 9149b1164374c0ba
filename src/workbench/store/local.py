"""What a thread knows of the write transaction that it is in."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from workbench.state import AppState
from workbench.store.journal import Write


class Local(threading.local):
    """A thread's open write transaction.

    Attributes:
        state: the one that it will leave, once it is known; at: the time of the journal's row of that version.
        actor, standing: whose role was read with the lock, and what it is. writes: what commands have yet to write.
    """

    connection: Connection | None = None
    state: AppState | None = None
    at: str | None = None
    actor: str | None = None
    standing: Mapping[str, Any] | None = None
    writes: list[Write]

    def __init__(self) -> None:
        self.begin(None)

    def begin(self, connection: Connection | None) -> None:
        """Forget the last transaction; `connection`: that of the next."""
        self.connection, self.state, self.at, self.actor, self.standing, self.writes = connection, None, None, None, None, []
