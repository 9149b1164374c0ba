"""Users, their tokens and sessions, as everybody may see them: no record holds a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.commands.base import CommandError
from workbench.roles import ROLES, Role, includes

PREFIX = "person:"
"""How the actor of a user begins; the user's id follows."""

MOST_CHARACTERS = 40
"""Characters of a name, a display name and the name of a token."""

FAILURES, WINDOW_SECONDS = 10, 60.0
"""So many wrong logins of a client, or with a name, within so long are too many."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True)
class Person:
    """A user.

    Attributes:
        name: what they log in with. display_name: what others read. disabled: whether they are kept out.
        has_password: whether they can log in with one; else with a token only.
    """

    id: str
    name: str
    display_name: str
    role: Role
    disabled: bool
    has_password: bool
    created_at: str

    @property
    def actor(self) -> str:
        """Who acts, as the journal says it: the same under every name."""
        return f"{PREFIX}{self.id}"

    def may(self, need: Role) -> bool:
        """Whether they may do what needs a role."""
        return not self.disabled and includes(self.role, need)


@dataclass(frozen=True)
class Token:
    """A personal access token, without its secret. `person_id` owns it; times are records' texts."""

    id: str
    person_id: str
    name: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None


@dataclass(frozen=True)
class Session:
    """A browser that somebody is logged in with."""

    id: str
    person_id: str
    browser: str
    created_at: str
    last_seen_at: str


def clean(name: str) -> str:
    """A name for people to read: without control characters and double spaces, at most 40 characters."""
    printable = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(printable.split())[:MOST_CHARACTERS].rstrip()


def login_name(text: str) -> str:
    """The name as it is kept, in small letters. Raises CommandError for one that is none."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise CommandError(
            f"{text[:MOST_CHARACTERS]!r} is no name to log in with.",
            "name",
            "Use 1 to 40 small letters, digits, dots, dashes and underlines, beginning with a letter or digit.",
        )
    return name


def role_of(text: str) -> Role:
    """The role of that name. Raises CommandError with the known ones."""
    for role in ROLES:
        if role == text:
            return role
    raise CommandError(f"There is no role {text[:MOST_CHARACTERS]!r}.", "role", f"The roles are {', '.join(ROLES)}.")
