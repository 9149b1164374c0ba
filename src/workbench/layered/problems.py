"""What is wrong with layered configuration files: a code for programs, a key and a place, a sentence and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Code = Literal[
    "CFG_MISSING_FILE", "CFG_UNREADABLE", "CFG_PARSE", "CFG_DUPLICATE_KEY", "CFG_LIMIT", "CFG_CYCLE", "CFG_PATH_OUTSIDE",
    "CFG_LAYER_UNKNOWN", "CFG_LAYER_ORDER", "CFG_LAYER_CONTENT", "CFG_UNKNOWN_KEY", "CFG_UNKNOWN_MODEL", "CFG_INACTIVE_SECTION",
    "CFG_STRUCTURAL", "CFG_DERIVED_CONFLICT", "CFG_TYPE", "CFG_RANGE", "CFG_NULL", "CFG_CROSS_FIELD", "CFG_FAMILY", "CFG_OVERRIDE",
]  # fmt: skip
"""Codes of the configuration itself; rules of a family that have codes of their own speak with those."""


@dataclass(frozen=True)
class LayeredProblem:
    """One thing wrong.

    Attributes:
        code: stable name for programs. message: one sentence. key: dotted key it is about, if any.
        file, line: where it stands, `file` as shown to people (`cli#2` for the second override). hint: what to do, in one line.
    """

    code: str
    message: str
    key: str | None = None
    file: str | None = None
    line: int | None = None
    hint: str | None = None

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}: " if self.line is None else f"{self.file}:{self.line}: "
        return f"{place}{self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    def plain(self) -> dict[str, Any]:
        """The problem as JSON values."""
        return asdict(self)


class LayeredError(ValueError):
    """A configuration that cannot be used; `problems` holds everything that was found, in the order of the files.

    `code`, `key`, `file`, `line` and `hint` are those of the first problem.
    """

    def __init__(self, problems: Iterable[LayeredProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
        first = self.problems[0]
        self.code: str = first.code
        self.key, self.file, self.line, self.hint = first.key, first.file, first.line, first.hint


def fail(
    code: str, message: str, *, key: str | None = None, file: str | None = None, line: int | None = None, hint: str | None = None
) -> LayeredError:
    """The error of one problem, to be raised."""
    return LayeredError([LayeredProblem(code, message, key, file, line, hint)])
