"""The users of a store: who there is, with which role, and with what they log in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from workbench.clock import utc_now
from workbench.commands.base import CommandError
from workbench.people import passwords, refusals, rights
from workbench.people.failures import Failures
from workbench.people.records import FAILURES, PREFIX, Person, clean, login_name, role_of
from workbench.people.sessions import Sessions
from workbench.people.tokens import Tokens
from workbench.store.schema import people as table
from workbench.store.schema import sessions as session_table
from workbench.store.store import Store


class People:
    """The users of one store. What changes somebody takes `by`, the actor who does it, and is refused as their role says.

    Attributes:
        tokens, sessions: theirs. failures: wrong logins.
    """

    def __init__(self, store: Store, now: Callable[[], str] = utc_now) -> None:
        self._store = store
        self._now = now
        self.tokens = Tokens(store, now)
        self.sessions = Sessions(store, now)
        self.failures = Failures(store, now)

    def any(self) -> bool:
        """Whether there are users, disabled ones included. Nobody is ever removed, so this stays true."""
        with self._store.reading() as connection:
            return connection.execute(select(table.c.id).limit(1)).first() is not None

    def all(self) -> list[Person]:
        """Every user by name."""
        with self._store.reading() as connection:
            return [person_of(row) for row in connection.execute(select(table).order_by(table.c.name))]

    def get(self, name_or_id: str) -> Person:
        """A user by name or id. Raises CommandError not_found."""
        with self._store.reading() as connection:
            return self._find(connection, name_or_id)

    def display_names(self) -> Mapping[str, str]:
        """What others read instead of each user's actor."""
        with self._store.reading() as connection:
            rows = connection.execute(select(table.c.id, table.c.display_name))
            return {f"{PREFIX}{row.id}": row.display_name for row in rows}

    def add(self, *, by: str, name: str, role: str, display_name: str = "", password: str | None = None) -> Person:
        """A new user; without a password one who has tokens only. The first one must be an administrator. Raises CommandError."""
        kept = login_name(name)
        row = {
            "id": secrets.token_hex(8), "name": kept, "display_name": clean(display_name) or kept, "role": role_of(role), "disabled": False,
            "password_hash": None if password is None else passwords.hashed(password), "created_at": self._now(),
        }  # fmt: skip
        with self._administering(by) as connection:
            first = connection.execute(select(table.c.id).limit(1)).first() is None
            if first and rights.over_the_network(by):
                hint = "Run `trellis users add NAME --role administer` on the server's machine."
                raise refusals.Forbidden("The first user is added on the machine itself.", "administer", hint)
            if row["role"] != "administer" and first:
                hint = "Add one with the role “administer” first."
                raise CommandError("The first user must be an administrator, or nobody could see to the others.", "role", hint)
            if connection.execute(select(table.c.id).where(table.c.name == kept)).first() is not None:
                raise CommandError(f"There is a user {kept} already.", "name", code="conflict")
            connection.execute(insert(table).values(row))
            return self._find(connection, kept)

    def change(
        self, name_or_id: str, *, by: str, role: str | None = None, disabled: bool | None = None, display_name: str | None = None
    ) -> Person:
        """Change a user; None leaves as it is. Who is disabled is logged out everywhere. Raises CommandError, also for the last administrator."""
        values: dict[str, Any] = {} if role is None else {"role": role_of(role)}
        if disabled is not None:
            values["disabled"] = disabled
        if display_name is not None:
            values["display_name"] = _displayed(display_name)
        with self._administering(by) as connection:
            person = self._find(connection, name_or_id)
            if values:
                connection.execute(update(table).where(table.c.id == person.id).values(values))
            if disabled:
                connection.execute(delete(session_table).where(session_table.c.person_id == person.id))
            others = select(func.count()).select_from(table).where(table.c.role == "administer", table.c.disabled.is_(False))
            if not connection.execute(others).scalar():
                raise CommandError(
                    f"{person.name} is the only administrator who is not disabled.", hint="Make somebody else one first.", code="conflict"
                )
            return self._find(connection, person.id)

    def call_oneself(self, person_id: str, display_name: str) -> Person:
        """Give a user the display name that they chose. Raises CommandError for an empty one."""
        with self._store.transaction() as connection:
            values = {"display_name": _displayed(display_name)}
            connection.execute(update(table).where(table.c.id == person_id).values(values))
            return self._find(connection, person_id)

    def set_password(self, name_or_id: str, password: str, *, by: str, but: str | None = None) -> Person:
        """Give a user a new password, which logs them out everywhere.

        Args:
            by: an administrator, or the user themselves. but: the session that goes on.
        """
        kept = passwords.hashed(password)
        with self._store.transaction() as connection:
            person = self._find(connection, name_or_id)
            rights.require(connection, by, "read" if by == person.actor else "administer")
            connection.execute(update(table).where(table.c.id == person.id).values(password_hash=kept))
            gone = delete(session_table).where(session_table.c.person_id == person.id)
            connection.execute(gone if but is None else gone.where(session_table.c.id != but))
            return self._find(connection, person.id)

    def change_own_password(self, person: Person, current: str, new: str, *, session: str) -> Person:
        """Give a user another password, who knows the present one or has none. Every session but this one ends. Raises CommandError."""
        about = f"name {person.name}"
        if self.failures.count(about) >= FAILURES:
            raise CommandError("Too many wrong passwords. Wait a minute and try again.", "current", code="conflict")
        if person.has_password and self.with_password(person.name, current) is None:
            self.failures.add([about])
            raise CommandError("This is not your present password.", "current")
        return self.set_password(person.id, new, by=person.actor, but=session)

    def with_password(self, name: str, password: str) -> Person | None:
        """The user of that name and password, who is not disabled. It takes as long for a name that nobody has."""
        try:
            asked = login_name(name)
        except CommandError:
            asked = ""
        with self._store.reading() as connection:
            row = connection.execute(select(table).where(table.c.name == asked)).one_or_none()
        right = passwords.is_right(password, None if row is None else row.password_hash)
        return person_of(row) if right and row is not None and not row.disabled else None

    @contextmanager
    def _administering(self, by: str) -> Iterator[Connection]:
        with self._store.transaction() as connection:
            rights.require(connection, by, "administer")
            yield connection

    def _find(self, connection: Connection, name_or_id: str) -> Person:
        wanted = name_or_id.strip().lower()
        found = connection.execute(select(table).where((table.c.name == wanted) | (table.c.id == wanted))).all()
        if not found:
            raise CommandError(f"There is no user {name_or_id[:40]!r}.", "name", "`trellis users list` lists them.", code="not_found")
        return person_of(next((row for row in found if row.name == wanted), found[0]))


def person_of(row: Row[Any]) -> Person:
    """The user that a row of the table is."""
    return Person(row.id, row.name, row.display_name, row.role, bool(row.disabled), row.password_hash is not None, row.created_at)


def _displayed(text: str) -> str:
    name = clean(text)
    if not name:
        raise CommandError("A display name has at least one character.", "display_name")
    return name
