"""What both kinds of configuration have in common: everything but how one is checked and made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from recsys.commands.configs import find_version, is_taken, require_current, tidy
from recsys.commands.refusing import ConfigVersionConflict
from recsys.commands.versioned import CloneConfigCommand, RestoreConfigVersionCommand, UpdateConfigCommand
from recsys.differences import Difference, differences
from recsys.records import ConfigRecord, ConfigVersion
from recsys.services.finding import Key, find_by
from workbench.commands.base import Command, Facts
from workbench.commands.records import DeleteCommand, RestoreCommand
from workbench.commands.rules import names_taken
from workbench.ids import new_id
from workbench.kinds import kind_of
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

R = TypeVar("R", bound=ConfigRecord)


class Configs(Generic[R]):
    """The configurations of one kind in a workbench. Keys are ids or numbers (see `finding.Key`)."""

    KIND: ClassVar[str]
    UPDATE: ClassVar[type[UpdateConfigCommand]]
    CLONE: ClassVar[type[CloneConfigCommand]]
    RESTORE_VERSION: ClassVar[type[RestoreConfigVersionCommand]]

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def list(self) -> tuple[R, ...]:
        """Those that are not deleted, the latest change first."""
        live = (r for r in self._workbench.state().of(self.KIND).values() if r.deleted_at is None)
        return tuple(sorted(live, key=lambda r: (r.updated_at, r.number), reverse=True))

    def get(self, key: Key, *, deleted: bool = False) -> R:
        """One of them. Raises CommandError not_found."""
        return find_by(self._workbench.state(), self.KIND, key, deleted=deleted)

    def revision(self, id: str) -> int:
        """Counts every change of one, also those of its name, description, tags and note, which its version does not count."""
        return self._workbench.state().versions.get(id, 0)

    def delete(
        self,
        *,
        actor: str,
        key: Key,
        expected_version: int | None = None,
        expected_revision: int | None = None,
    ) -> R:
        """Mark one deleted. Raises CommandError, ConfigVersionConflict.

        Args:
            expected_version, expected_revision: those that it is meant for; None for any.
        """
        with self._workbench.store.transaction() as connection:
            record = self.get(key)
            require_current(record, kind_of(self.KIND).word, expected_version)
            self._require_revision(record, expected_revision)
            command = DeleteCommand(kind=self.KIND, id=record.id)
            executed = self._workbench.store.execute(command, actor=actor, connection=connection)
        return executed.state.of(self.KIND)[record.id]

    def restore(self, *, actor: str, key: Key) -> R:
        """Bring a deleted one back, under a free name. Raises CommandError."""
        record = self.get(key, deleted=True)
        return self._done(RestoreCommand(kind=self.KIND, id=record.id), actor, record.id)

    def update(
        self,
        *,
        actor: str,
        key: Key,
        name: str | None = None,
        document: Any = None,
        description: str | None = None,
        tags: Iterable[str] | None = None,
        note: str | None = None,
        expected_version: int | None = None,
        expected_revision: int | None = None,
    ) -> R:
        """Change one; what is None stays. Raises CommandError with every issue, ConfigVersionConflict.

        Args:
            expected_version, expected_revision: those that it is meant for; None for any.
        """
        record = self.get(key)
        command = self.UPDATE(
            config_id=record.id, name=name, document=self._plain(document), description=description,
            tags=None if tags is None else tuple(tags), note=note, expected_version=expected_version,
        )  # fmt: skip
        meant = (expected_version, expected_revision)
        return self._done(command, actor, record.id, self._facts_of(record), meant)

    def clone(self, *, actor: str, key: Key, name: str | None = None, document: Any = None) -> R:
        """A copy with what the document says in place. Raises CommandError."""
        source, id = self.get(key), new_id(self.KIND)
        command = self.CLONE(config_id=source.id, new_id=id, name=name, document=self._plain(document))
        return self._done(command, actor, id, self._facts_of(source))

    def restore_version(
        self,
        *,
        actor: str,
        key: Key,
        version: int,
        expected_version: int | None = None,
        expected_revision: int | None = None,
    ) -> R:
        """Make an earlier version the newest. Raises CommandError, ConfigVersionConflict."""
        record = self.get(key)
        command = self.RESTORE_VERSION(
            config_id=record.id, version=version, expected_version=expected_version
        )
        meant = (expected_version, expected_revision)
        return self._done(command, actor, record.id, self._facts_of(record), meant)

    def _plain(self, document: Any) -> Any:
        """A typed configuration as the document that it is; documents as they are."""
        raise NotImplementedError

    def _facts_of(self, record: R) -> Facts | None:
        """What commands about a configuration are told."""
        raise NotImplementedError

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
        but = None if exclude is None else self.get(exclude, deleted=True).id
        tidied = tidy(name)
        return bool(tidied) and not is_taken(
            tidied, names_taken(self._workbench.state(), self.KIND, but, within)
        )

    def _done(
        self,
        command: Command,
        actor: str,
        id: str,
        facts: Facts | None = None,
        meant: tuple[int | None, int | None] = (None, None),
    ) -> R:
        """The record after a command, which is meant for a version and a revision if they are given."""
        with self._workbench.store.transaction() as connection:
            before = self._workbench.state().of(self.KIND).get(id)
            if before is not None:
                version, revision = meant
                require_current(before, kind_of(self.KIND).word, version)
                self._require_revision(before, revision)
            executed = self._workbench.store.execute(command, actor=actor, facts=facts, connection=connection)
        return executed.state.of(self.KIND)[id]

    def _require_revision(self, record: R, expected: int | None) -> None:
        if expected is not None and expected != self.revision(record.id):
            title = f"The {kind_of(self.KIND).word} {record.name}"
            raise ConfigVersionConflict(title, expected=record.version, current=record.version)
