"""Personal access tokens: programs act with one as its owner."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from workbench.clock import from_text, seconds_between, to_text, utc_now
from workbench.commands.base import CommandError
from workbench.people import secret
from workbench.people.records import Person, Token, clean
from workbench.people.sessions import NOTED_SECONDS
from workbench.store.errors import StoreError
from workbench.store.schema import people
from workbench.store.schema import tokens as table

if TYPE_CHECKING:
    from workbench.store.store import Store

BEGINS = "trellis_"
"""How the secret of every token begins, so that one that was published by mistake is recognised."""

MOST, MOST_DAYS = 50, 3650
"""Tokens of one user, and the days for which one holds."""


class Tokens:
    """The tokens of all users of one store."""

    def __init__(self, store: Store, now: Callable[[], str] = utc_now) -> None:
        self._store = store
        self._now = now

    def make(self, person_id: str, name: str, days: int | None) -> tuple[Token, str]:
        """A new token of a user, and its secret, which nobody is shown again.

        Args:
            name: what it is for, unlike those of the user's others. days: for how long it holds; None until it is revoked.
        """
        kept, now, made = clean(name), self._now(), secret.made(BEGINS)
        if not kept:
            raise CommandError("A token has a name that says what it is for.", "name")
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"A token holds for 1 to {MOST_DAYS:,} days.", "days")
        expires = None if days is None else to_text(from_text(now) + timedelta(days=days))
        token = Token(secrets.token_hex(8), person_id, kept, now, expires, None)
        with self._store.transaction() as connection:
            mine = table.c.person_id == person_id
            if connection.execute(select(table.c.id).where(mine, table.c.name == kept)).first() is not None:
                raise CommandError(f"There is a token “{kept}” already.", "name", code="conflict")
            if (connection.execute(select(func.count()).select_from(table).where(mine)).scalar() or 0) >= MOST:
                raise CommandError(f"One user has at most {MOST} tokens.", hint="Revoke those that nothing uses.", code="conflict")
            row = {"id": token.id, "person_id": person_id, "name": kept, "created_at": now, "expires_at": expires}
            connection.execute(insert(table).values(**row, secret_sha256=secret.digest(made)))
        return token, made

    def of_secret(self, given: str) -> Person | None:
        """Whose token it is; None if there is none such, it holds no longer, or its owner is disabled."""
        from workbench.people.people import person_of

        query = select(people, table.c.id.label("token_id"), table.c.expires_at, table.c.last_used_at)
        query = query.join(table, table.c.person_id == people.c.id).where(table.c.secret_sha256 == secret.digest(given))
        with self._store.reading_once() as connection:
            row = connection.execute(query).one_or_none()
        now = self._now()
        if row is None or row.disabled or (row.expires_at is not None and row.expires_at <= now):
            return None
        if row.last_used_at is None or seconds_between(row.last_used_at, now) > NOTED_SECONDS:
            with suppress(StoreError), self._store.transaction() as connection:
                connection.execute(update(table).where(table.c.id == row.token_id).values(last_used_at=now))
        return person_of(row)

    def of(self, person_id: str) -> list[Token]:
        """A user's tokens by name, those that hold no longer included."""
        with self._store.reading() as connection:
            rows = connection.execute(select(table).where(table.c.person_id == person_id).order_by(table.c.name))
            return [Token(r.id, r.person_id, r.name, r.created_at, r.expires_at, r.last_used_at) for r in rows]

    def revoke(self, person_id: str, token_id: str) -> None:
        """Take one of a user's tokens away for good. Raises CommandError not_found."""
        with self._store.transaction() as connection:
            done = connection.execute(delete(table).where(table.c.person_id == person_id, table.c.id == token_id))
            if not done.rowcount:
                raise CommandError("There is no such token.", code="not_found")
