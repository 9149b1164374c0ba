"""Whether an actor may do something: asked within the transaction that does it, so that nobody goes round it and nothing is out of date.

Actors of this machine (the command line, workers, what the server does by itself) may do everything. A user may do what
their role allows. Once there are users, nobody acts over the network without being one.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from workbench.commands.base import CommandError
from workbench.people.records import PREFIX
from workbench.roles import Role, includes
from workbench.store.schema import people

_UNNAMED = ("browser:", "token:", "api")
"""How actors begin that come over the network and are nobody in particular."""


class Forbidden(CommandError):
    """Somebody's role does not allow it. `need`: the role that does."""

    def __init__(self, message: str, need: Role, hint: str | None = None) -> None:
        super().__init__(message, hint=hint, code="forbidden")
        self.need: Role = need


def needs(need: Role, have: Role) -> Forbidden:
    """The refusal for somebody of the role `have`."""
    return Forbidden(f"This needs the role “{need}”; yours is “{have}”.", need, "An administrator can give you another role.")


def require(connection: Connection, actor: str, need: Role) -> None:
    """Raise Forbidden if an actor may not do what needs a role."""
    if actor.startswith(PREFIX):
        found = connection.execute(select(people.c.role, people.c.disabled).where(people.c.id == actor.removeprefix(PREFIX))).one_or_none()
        if found is None or found.disabled:
            raise Forbidden("Your account is disabled.", need, "Ask an administrator.")
        if not includes(found.role, need):
            raise needs(need, found.role)
    elif actor.startswith(_UNNAMED) and connection.execute(select(people.c.id).limit(1)).first() is not None:
        raise Forbidden("This server has users: log in to do this.", need)
