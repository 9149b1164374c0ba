"""What both kinds of configuration have in common: finding, listing, versions, deleting."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from recsys.commands.configs import find_version, is_taken, require_current, tidy
from recsys.differences import Difference, differences
from recsys.records import ConfigRecord, ConfigVersion
from recsys.services.finding import Key, find_by
from workbench.commands.base import Command, Facts
from workbench.commands.records import DeleteCommand, RestoreCommand
from workbench.commands.rules import names_taken
from workbench.kinds import kind_of
from workbench.state import RunRecord
from workbench.workbench import Workbench

R = TypeVar("R", bound=ConfigRecord)


class Configs(Generic[R]):
    """The configurations of one kind in a workbench. Keys are ids or numbers (see `finding.Key`)."""

    KIND: ClassVar[str]

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def list(self) -> tuple[R, ...]:
        """Those that are not deleted, the latest change first."""
        live = (r for r in self._workbench.state().of(self.KIND).values() if r.deleted_at is None)
        return tuple(sorted(live, key=lambda r: (r.updated_at, r.number), reverse=True))

    def get(self, key: Key, *, deleted: bool = False) -> R:
        """One of them. Raises CommandError not_found."""
        return find_by(self._workbench.state(), self.KIND, key, deleted=deleted)

    def delete(self, *, actor: str, key: Key, expected_version: int | None = None) -> R:
        """Mark one deleted. Raises CommandError, ConfigVersionConflict."""
        with self._workbench.store.transaction() as connection:
            record = self.get(key)
            require_current(record, kind_of(self.KIND).word, expected_version)
            command = DeleteCommand(kind=self.KIND, id=record.id)
            executed = self._workbench.store.execute(command, actor=actor, connection=connection)
        return executed.state.of(self.KIND)[record.id]

    def restore(self, *, actor: str, key: Key) -> R:
        """Bring a deleted one back, under a free name. Raises CommandError."""
        record = self.get(key, deleted=True)
        return self._done(RestoreCommand(kind=self.KIND, id=record.id), actor, record.id)

    def versions(self, key: Key) -> tuple[ConfigVersion, ...]:
        """Every version, the newest first. Raises CommandError not_found."""
        versions: dict[str, Any] = self.get(key).versions  # type: ignore[attr-defined]
        return tuple(sorted(versions.values(), key=lambda v: v.version, reverse=True))

    def diff(self, key: Key, before: int, after: int) -> tuple[Difference, ...]:
        """What changed between two versions. Raises CommandError not_found."""
        record, word = self.get(key), kind_of(self.KIND).word
        then, now = (find_version(record, word, version).config for version in (before, after))
        return differences(then, now)

    def tests(self, key: Key) -> tuple[RunRecord, ...]:
        """The tests that used it and are not deleted, newest first. Raises CommandError not_found."""
        record, state = self.get(key, deleted=True), self._workbench.state()
        found = [r for r in state.runs.values() if r.deleted_at is None and record.id in r.uses]
        return tuple(sorted(found, key=lambda r: r.number, reverse=True))

    def _is_free(self, name: str, exclude: Key | None, within: Any = None) -> bool:
        but = None if exclude is None else self.get(exclude).id
        tidied = tidy(name)
        return bool(tidied) and not is_taken(
            tidied, names_taken(self._workbench.state(), self.KIND, but, within)
        )

    def _done(self, command: Command, actor: str, id: str, facts: Facts | None = None) -> R:
        executed = self._workbench.store.execute(command, actor=actor, facts=facts)
        return executed.state.of(self.KIND)[id]
