"""What is done to records of every kind in the same way: rename, tag, note, delete, restore.

What differs between kinds stands in their declarations (`workbench.kinds`).
"""

from __future__ import annotations

from typing import Any, ClassVar

from workbench.commands.base import Changes, Command, CommandError, Env, Put
from workbench.commands.rules import clean_note, clean_tags, find, free_name, require_free_name
from workbench.kinds import RecordKind, kind_of
from workbench.roles import Role
from workbench.state import AppState


class RecordCommand(Command):
    """Base of the commands about one record, named by its kind and id."""

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    kind: str
    id: str

    @property
    def needs(self) -> Role:
        return kind_of(self.kind).role

    @property
    def _word(self) -> str:
        return kind_of(self.kind).word


class RenameCommand(RecordCommand):
    """Give a record another name, unique among those of its kind (and scope) that are not deleted."""

    name: str

    def decide(self, state: AppState, env: Env) -> Changes:
        record, kind = find(state, self.kind, self.id), kind_of(self.kind)
        _require(kind.named, f"A {self._word} has no name to change.", "name")
        name = require_free_name(state, self.kind, self.name, record.id, kind.within(record))
        return put(env, self.kind, record, name=name)

    @property
    def words(self) -> str:
        return f"Rename the {self._word} to {self.name}"


class TagCommand(RecordCommand):
    """Set a record's tags."""

    tags: tuple[str, ...]

    def decide(self, state: AppState, env: Env) -> Changes:
        record = find(state, self.kind, self.id)
        _require("tags" in type(record).model_fields, f"A {self._word} has no tags.", "tags")
        return put(env, self.kind, record, tags=clean_tags(self.tags))

    @property
    def words(self) -> str:
        return f"Change the {self._word}'s tags"


class NoteCommand(RecordCommand):
    """Set a record's note."""

    note: str

    def decide(self, state: AppState, env: Env) -> Changes:
        record, field = find(state, self.kind, self.id), kind_of(self.kind).note
        _require(bool(field), f"A {self._word} has no note.", "note")
        return put(env, self.kind, record, **{field: clean_note(self.note)})

    @property
    def words(self) -> str:
        return f"Change the {self._word}'s note"


class DeleteCommand(RecordCommand):
    """Mark a record deleted, which frees its name; refused where its kind says so."""

    def decide(self, state: AppState, env: Env) -> Changes:
        record, kind = find(state, self.kind, self.id), kind_of(self.kind)
        require_deletable(state, kind, record)
        return put(env, self.kind, record, deleted_at=env.now)

    @property
    def words(self) -> str:
        return f"Delete the {self._word}"


class RestoreCommand(RecordCommand):
    """Bring a deleted record back; if its name is taken by now, with " (2)" added; refused where its kind says so."""

    def decide(self, state: AppState, env: Env) -> Changes:
        record, kind = find(state, self.kind, self.id, deleted=True), kind_of(self.kind)
        if record.deleted_at is None:
            return ()
        kind.restorable(state, record)
        name = {"name": free_name(state, self.kind, record.name, record.id, kind.within(record))} if kind.named else {}
        return put(env, self.kind, record, deleted_at=None, **name)

    @property
    def words(self) -> str:
        return f"Restore the {self._word}"


def require_deletable(state: AppState, kind: RecordKind, record: Any) -> None:
    """Raise CommandError conflict for a record that must stay."""
    kind.deletable(state, record)


def put(env: Env, kind: str, record: Any, **update: Any) -> Changes:
    """The change that gives a record other values, and the time of its change where it keeps one."""
    if "updated_at" in type(record).model_fields:
        update["updated_at"] = env.now
    return (Put(kind, record.id, record.model_copy(update=update)),)


def _require(there: bool, sentence: str, field: str) -> None:
    if not there:
        raise CommandError(sentence, field)
