"""Passwords: kept as Argon2id hashes, and compared in the same time whether there is such a user or not."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from workbench.commands.base import CommandError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
"""Characters of a password."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""A comparison takes 64 MiB: many at once must not fill the memory."""


def hashed(password: str) -> str:
    """What is kept of a password. Raises CommandError for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise CommandError(f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}.", "password")
    with _AT_ONCE:
        return _hasher().hash(_bytes(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the password of which that is kept. None, where there is nobody to compare with, takes as long and is never right."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _AT_ONCE:
            return _hasher().verify(kept or _nobodys(), _bytes(password[: LONGEST + 1])) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _hasher() -> PasswordHasher:
    # loaded when somebody logs in: a server without users needs none of it
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash(b"nobody has this password")
