"""Why a run failed, in one sentence for people, with the traceback folded behind it."""

from __future__ import annotations

import errno
import traceback

from workbench import families
from workbench.state import RunError

LONGEST_SENTENCE = 400
LONGEST_TRACEBACK = 20_000


class RunFailure(Exception):
    """A failure whose message is already the sentence people should read.

    Attributes:
        code, stage, hint: as `RunError` keeps them. A traceback is shown only for one that was raised from another error.
    """

    def __init__(self, message: str, *, code: str = "", stage: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.stage = stage
        self.hint = hint


def describe(error: BaseException) -> RunError:
    """The error as a run's record keeps it."""
    named = {name: str(getattr(error, name, None) or "") for name in ("code", "stage", "hint")} if _ours(error) else {}
    cause = error.__cause__ if isinstance(error, RunFailure) else error
    text = "" if cause is None else "".join(traceback.format_exception(cause))
    return RunError(message=sentence(error), traceback=text[-LONGEST_TRACEBACK:], **named)


def sentence(error: BaseException) -> str:
    """One sentence that says what happened and, where that is known, what to do."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        where = f" while writing {_name(error.filename)}" if error.filename else ""
        return f"The disk is full{where}; the previous checkpoint was kept. Free some space, then resume the run."
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
        return "There is not enough memory to train this model; try a smaller batch size or fewer hidden units."
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if not first:
        return f"Training ended with {type(error).__name__}."
    if len(first) > LONGEST_SENTENCE:
        first = first[: LONGEST_SENTENCE - 1] + "…"
    return first if _speaks_to_people(error) else f"{type(error).__name__}: {first}"


def _speaks_to_people(error: BaseException) -> bool:
    """Whether the message is a sentence already: errors of Trellis and its families, and refused values."""
    return _ours(error) or isinstance(error, ValueError | ArithmeticError)


def _ours(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in ("workbench", *families.FAMILIES)


def _name(filename: object) -> str:
    return str(filename).replace("\\", "/").rsplit("/", 1)[-1]
