"""The refusal of what somebody's role does not allow."""

from __future__ import annotations

from workbench.commands.base import CommandError
from workbench.roles import Role


class Forbidden(CommandError):
    """Somebody's role does not allow it. `need`: the role that does."""

    def __init__(self, message: str, need: Role, hint: str | None = None) -> None:
        super().__init__(message, hint=hint, code="forbidden")
        self.need: Role = need


def needs(need: Role, have: Role) -> Forbidden:
    """The refusal for somebody of the role `have`."""
    return Forbidden(f"This needs the role “{need}”; yours is “{have}”.", need, "An administrator can give you another role.")
