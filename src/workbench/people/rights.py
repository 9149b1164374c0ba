"""Whether an actor may do something: asked within the transaction that does it, so that nobody goes round it and nothing is out of date.

Actors of this machine (the command line, workers, what the server does by itself) may do everything. A user may do what
their role allows. Once there are users, nobody acts over the network without being one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from workbench.people.records import PREFIX
from workbench.people.refusals import Forbidden, needs
from workbench.roles import Role, includes
from workbench.store.schema import people

_UNNAMED = ("browser:", "token:", "api")
"""How actors begin that come over the network and are nobody in particular."""


def called(connection: Connection, actor: str) -> str | None:
    """What others read instead of a user's actor; None for an actor who is no user."""
    if not actor.startswith(PREFIX):
        return None
    return connection.execute(select(people.c.display_name).where(people.c.id == actor.removeprefix(PREFIX))).scalar()


def over_the_network(actor: str) -> bool:
    """Whether somebody acts over the network who is nobody in particular."""
    return actor.startswith(_UNNAMED)


@dataclass(frozen=True)
class Standing:
    """A user's `role` and whether they are `disabled`, as a transaction has read it; None: there is no such user."""

    row: Mapping[str, Any] | None


def person_of(actor: str | None) -> str | None:
    """The id of the user that an actor is; None for one who is no user."""
    return actor.removeprefix(PREFIX) if actor is not None and actor.startswith(PREFIX) else None


def require(connection: Connection, actor: str, need: Role, known: Standing | None = None) -> None:
    """Raise Forbidden if an actor may not do what needs a role. `known`: what the transaction has read of the actor already."""
    person = person_of(actor)
    if person is not None:
        found = (known or _standing(connection, person)).row
        if found is None or found["disabled"]:
            raise Forbidden("Your account is disabled.", need, "Ask an administrator.")
        if not includes(found["role"], need):
            raise needs(need, found["role"])
    elif over_the_network(actor) and connection.execute(select(people.c.id).limit(1)).first() is not None:
        raise Forbidden("This server has users: log in to do this.", need)


def _standing(connection: Connection, person: str) -> Standing:
    found = connection.execute(select(people.c.role, people.c.disabled).where(people.c.id == person)).mappings().one_or_none()
    return Standing(None if found is None else {"role": found["role"], "disabled": found["disabled"]})
