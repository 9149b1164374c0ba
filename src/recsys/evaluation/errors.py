"""What goes wrong in an evaluation, with a code for programs."""

from __future__ import annotations

from typing import Literal

Code = Literal["NON_FINITE", "NO_TEST_ROWS", "NO_TRAIN_ROWS", "NO_CANDIDATES", "BAD_INPUT"]


class EvaluationError(ValueError):
    """An evaluation that cannot be carried out.

    Attributes:
        code: stable name for programs. message: what is wrong and where. hint: what to do about it.
    """

    def __init__(self, code: Code, message: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}. {hint}")
        self.code: Code = code
        self.message = message
        self.hint = hint
