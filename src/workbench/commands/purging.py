"""Taking records away for good that were deleted long ago. The journal keeps what they were."""

from __future__ import annotations

from typing import ClassVar

from workbench.cleaning.deleted import gone
from workbench.commands.base import Change, Changes, Command, Env, Remove, SetLabels
from workbench.roles import Role
from workbench.state import AppState, Kind


class PurgeCommand(Command):
    """Take deleted records away, with their labels. It is not undone: their files go, too.

    Attributes:
        before: only what was deleted before that time. records: (kind, id) of what was shown; what has been restored or is needed since stays.
    """

    role: ClassVar[Role] = "administer"
    before: str
    records: tuple[tuple[str, str], ...]

    def decide(self, state: AppState, env: Env) -> Changes:
        shown = set(self.records)
        goes = [key for key in gone(state, self.before).goes if key in shown]
        changes: list[Change] = []
        for kind, id in goes:
            if kind == Kind.MODEL and state.labels.get(id):
                changes.append(SetLabels(id, dict.fromkeys(state.labels[id])))
            changes.append(Remove(kind, id))
        return tuple(changes)

    @property
    def words(self) -> str:
        return f"Remove {len(self.records)} deleted records for good"
