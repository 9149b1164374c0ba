"""What a draft amounts to, of whatever kind: what is wrong with it, and where. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.issues import Issue


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a wizard says about a draft; each kind adds what it measures.

    Attributes:
        issues: what keeps it from being saved, and what is worth knowing.
        unnamed: whether no name was typed yet.
    """

    issues: tuple[Issue, ...]
    unnamed: bool = False

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Issues that keep it from being saved."""
        return tuple(issue for issue in self.issues if issue.severity == "error")

    def awaits(self, issue: Issue) -> bool:
        """Whether an error is only that nothing was typed yet: it is said once the field, or its step, was left."""
        return self.unnamed and issue.path == "name"

    def of(self, path: str) -> tuple[Issue, ...]:
        """The errors of a setting, or of an entry and what it holds."""
        return tuple(issue for issue in self.errors if issue.path == path or issue.path.startswith(f"{path}."))
