"""What is wrong, or doubtful, with a configuration: one issue a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from workbench.fields import with_name

Severity = Literal["error", "warning", "info"]

_ORDER: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class Issue:
    """One thing wrong with a document.

    Attributes:
        code: what rule speaks, for programs. path: where, keys and places joined by dots; empty for the whole
            document.
        message: what it says to people. severity: an error keeps the document from being stored or used; a
            warning does not, and an info only says what will be done. hint: what to do about it, if more is to be said.
    """

    code: str
    path: str
    message: str
    severity: Severity = "error"
    hint: str | None = field(default=None, compare=False)


def ranked(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Errors first, then warnings, then what is only said; within each in the order given."""
    return tuple(sorted(issues, key=lambda issue: _ORDER.index(issue.severity)))


class InvalidDocument(ValueError):
    """A document that cannot be read; `issues` says why, place by place."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(with_name(i.path or "document", i.message) for i in self.issues))
