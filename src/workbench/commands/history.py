"""Undo and Redo: one journal row of the same actor at a time, newest first, and only while what it wrote still stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from workbench.actors import actor_name
from workbench.commands.base import Change, Changes, CommandError, Env, Put, Remove, SetLabels, WalkCommand
from workbench.commands.records import require_deletable
from workbench.commands.rules import free_name, model_type_of, refuse, require_free_name, title
from workbench.kinds import kind_of
from workbench.state import AppState
from workbench.store.deltas import LabelsDelta, RecordDelta, with_fields
from workbench.store.undo import Overwrite, Walk
from workbench.store.upgrades import read_record


class UndoCommand(WalkCommand):
    """Take back the actor's newest undoable row that is not undone yet. The facts `Walk` come from the store."""

    journal_walk: ClassVar[Literal["undo", "redo"] | None] = "undo"

    def decide(self, state: AppState, env: Env) -> Changes:
        return _bring(state, env, "undo")


class RedoCommand(WalkCommand):
    """Bring the row back that the actor undid last, unless something undoable was done since. The facts `Walk` come from the store."""

    journal_walk: ClassVar[Literal["undo", "redo"] | None] = "redo"

    def decide(self, state: AppState, env: Env) -> Changes:
        return _bring(state, env, "redo")


def _bring(state: AppState, env: Env, what: Literal["undo", "redo"]) -> Changes:
    walk = env.require(Walk)
    target = walk.target
    if target is None:
        left = f"{passed_words(state, walk.passed)} " if walk.passed else ""
        raise CommandError(f"{left}There is nothing {'else ' if left else ''}to {what}.", code="conflict")
    if target.overwritten:
        raise CommandError(
            f"“{target.row.words}” cannot be {what}ne: {_changed_words(state, target.overwritten)}.",
            hint="Look at the history, and change it by hand.",
            code="conflict",
        )
    return tuple(_change(state, env, delta) for delta in target.deltas)


def _change(state: AppState, env: Env, delta: LabelsDelta | RecordDelta) -> Change:
    if isinstance(delta, LabelsDelta):
        _check_marks(state, env, delta)
        return SetLabels(delta.model_id, delta.new)
    now = state.of(delta.kind).get(delta.id)
    if not delta.fields and delta.new is None:
        kind_of(delta.kind).removable(state, now)
        return Remove(delta.kind, delta.id)
    if not delta.fields:
        assert delta.new is not None
        record: Any = read_record(delta.kind, delta.new)
    else:
        assert now is not None  # what no longer stands was refused before
        record = with_fields(now, ((f.path, f.new) for f in delta.fields))
    return Put(delta.kind, delta.id, _fitting(state, env, delta.kind, now, record))


def _fitting(state: AppState, env: Env, name: str, now: Any, record: Any) -> Any:
    """The record as it can stand in the present state. Raises CommandError if it cannot."""
    kind = kind_of(name)
    update: dict[str, Any] = {}
    if hasattr(record, "updated_at"):
        update["updated_at"] = env.now
    comes_back = record.deleted_at is None and (now is None or now.deleted_at is not None)
    if record.deleted_at is not None and now is not None and now.deleted_at is None:
        require_deletable(state, kind, now)
    if comes_back and now is not None:
        kind.restorable(state, now)
    if kind.named and comes_back:
        update["name"] = free_name(state, name, record.name, record.id, kind.within(record))
    elif kind.named and now is not None and record.name != now.name and record.deleted_at is None:
        require_free_name(state, name, record.name, record.id, kind.within(record))
    if now is not None:
        kind.fits(state, env, now, record)
    return record.model_copy(update=update)


def _check_marks(state: AppState, env: Env, delta: LabelsDelta) -> None:
    model = state.models.get(delta.model_id)
    back = {index: value for index, value in delta.new.items() if value is not None}
    if model is None or not back:
        return
    holds = model_type_of(env, model.family, model.model_type).holds
    held = holds.payload.model_validate(model.payload)
    refuse(holds.problems(held, held, back), code="conflict")


def passed_words(state: AppState, passed: Sequence[Overwrite]) -> str:
    """What an Undo or Redo left as it is, in a sentence."""
    words = _changed_words(state, passed)
    return f"{words[0].upper()}{words[1:]}, and stays."


def _changed_words(state: AppState, overwritten: Sequence[Overwrite]) -> str:
    first = overwritten[0]
    more = f" (and {len(overwritten) - 1} more)" if len(overwritten) > 1 else ""
    return f"{_place_words(state, first)}{more} was changed since, {_who(first)}"


def _place_words(state: AppState, overwrite: Overwrite) -> str:
    kind, id, *path = overwrite.place
    if kind == "labels":
        return f"the label of sample {path[0]}"
    record = state.of(kind).get(id)
    named = hasattr(record, "name") or hasattr(record, "number")
    what = f"the {kind_of(kind).word} {title(record) if named else id}"
    return f"the {' '.join(path).replace('_', ' ')} of {what}" if path else what


def _who(overwrite: Overwrite) -> str:
    """By whom and when, to the minute."""
    if not overwrite.actor:
        return "by whom is not known"
    at = (overwrite.at or "")[:16].replace("T", " ")
    return f"by {overwrite.name or actor_name(overwrite.actor)} at {at} UTC"
