"""Sessions: browsers that somebody is logged in with, each of which can be ended."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from workbench.clock import from_text, seconds_between, to_text, utc_now
from workbench.commands.base import CommandError
from workbench.people import secret
from workbench.people.records import Person, Session
from workbench.store.errors import StoreError
from workbench.store.schema import people
from workbench.store.schema import sessions as table

if TYPE_CHECKING:
    from workbench.store.store import Store

LAST = timedelta(days=7)
"""How long a session lasts."""

NOTED_SECONDS = 60.0
"""When somebody was last seen is written at most so often."""

_BROWSER = 200


class Sessions:
    """The sessions of all users of one store."""

    def __init__(self, store: Store, now: Callable[[], str] = utc_now) -> None:
        self._store = store
        self._now = now

    def begin(self, person_id: str, browser: str) -> str:
        """A new session of a user; returns its secret, which the browser keeps. `browser`: what it says it is."""
        made, now = secret.made(), self._now()
        row = {
            "id": secrets.token_hex(8), "person_id": person_id, "secret_sha256": secret.digest(made), "created_at": now, "last_seen_at": now,
            "browser": "".join(c for c in browser if c.isprintable())[:_BROWSER],
        }  # fmt: skip
        with self._store.transaction() as connection:
            connection.execute(delete(table).where(table.c.created_at < self._oldest()))
            connection.execute(insert(table).values(row))
        return made

    def of_secret(self, given: str) -> tuple[Person, str] | None:
        """Whose session it is, and its id; None if it has ended, is too old, or its user is disabled."""
        from workbench.people.people import person_of

        query = select(people, table.c.id.label("session_id"), table.c.last_seen_at).join(table, table.c.person_id == people.c.id)
        with self._store.reading() as connection:
            row = connection.execute(
                query.where(table.c.secret_sha256 == secret.digest(given), table.c.created_at >= self._oldest())
            ).one_or_none()
        if row is None or row.disabled:
            return None
        now = self._now()
        if seconds_between(row.last_seen_at, now) > NOTED_SECONDS:
            # only a note: whoever asks is not kept out because it cannot be written
            with suppress(StoreError), self._store.transaction() as connection:
                connection.execute(update(table).where(table.c.id == row.session_id).values(last_seen_at=now))
        return person_of(row), row.session_id

    def of(self, person_id: str) -> list[Session]:
        """A user's sessions, the one seen last first."""
        query = select(table).where(table.c.person_id == person_id, table.c.created_at >= self._oldest())
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(table.c.last_seen_at.desc(), table.c.id))
            return [Session(row.id, row.person_id, row.browser, row.created_at, row.last_seen_at) for row in rows]

    def end(self, person_id: str, session_id: str) -> None:
        """End one session of a user. Raises CommandError not_found."""
        if not self.end_all(person_id, only=session_id):
            raise CommandError("This session has ended already.", code="not_found")

    def end_all(self, person_id: str, *, but: str | None = None, only: str | None = None) -> int:
        """End a user's sessions, all `but` one, or `only` one; returns how many ended."""
        gone = delete(table).where(table.c.person_id == person_id)
        gone = gone if but is None else gone.where(table.c.id != but)
        gone = gone if only is None else gone.where(table.c.id == only)
        with self._store.transaction() as connection:
            return connection.execute(gone).rowcount

    def _oldest(self) -> str:
        return to_text(from_text(self._now()) - LAST)
