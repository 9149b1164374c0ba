"""What can go wrong with the store itself."""

from __future__ import annotations

from workbench.commands.base import CommandError


class StoreError(RuntimeError):
    """The store cannot be opened, read or written; the message says why and what to do."""


class StoreBusy(StoreError):
    """Another process has held the store's write lock for too long."""


class StoreFull(StoreError):
    """There is no space left for a write; nothing was changed."""


class StoreAway(StoreError):
    """The database server does not answer, or ended what it was asked; whether it was done then shows when it answers again.

    `for_anyone` says it without the server's address.
    """

    for_anyone = "The database does not answer. What is done is kept there; Trellis goes on when it answers again."


VERSION_CONFLICT = "VERSION_CONFLICT"


class VersionConflict(CommandError):
    """A writer's expected version is not the current one: somebody else changed things meanwhile."""

    def __init__(self, message: str, *, expected: int, current: int) -> None:
        hint = "Load the current version, look at what changed, and try again."
        super().__init__(message, hint=hint, code="conflict", rule=VERSION_CONFLICT)
        self.expected = expected
        self.current = current
