"""What somebody must say yes to before it is done: one refusal for every start that a family has a doubt about."""

from __future__ import annotations

from workbench.commands.base import CommandError
from workbench.fields import FieldProblem

CONFIRM = "confirm"
"""What a request says to have done what needs a yes."""


class NeedsConfirmation(CommandError):
    """A command that is carried out only with a yes; asked again with it, nothing else keeps it back.

    Attributes:
        doubt: what there is to know before, in one sentence.
    """

    def __init__(self, doubt: FieldProblem) -> None:
        others = f"{doubt.hint}; or confirm" if doubt.hint else "Confirm"
        hint = f"{others} that it is to start all the same (--yes on the command line)."
        told = FieldProblem(CONFIRM, doubt.message, doubt.value, hint, code=doubt.code)
        super().__init__(doubt.message, CONFIRM, hint, code="conflict", problems=(told,), rule=doubt.code)
        self.doubt = doubt

    @property
    def question(self) -> str:
        """The same as a question whose yes is the confirmation."""
        return f"{self.doubt.message.rstrip('.')}. Start it all the same?"


def require_confirmed(doubt: FieldProblem | None, *, confirmed: bool) -> None:
    """Raises NeedsConfirmation (a conflict) for a doubt that nobody said yes to."""
    if doubt is not None and not confirmed:
        raise NeedsConfirmation(doubt)


class NameTaken(CommandError):
    """There is such a record or file; it is one's own, and a yes replaces it."""

    @property
    def question(self) -> str:
        """The same as a question."""
        return f"{self.message} Replace it?"
