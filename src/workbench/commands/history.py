"""Undo and Redo: one journal row of the same actor at a time, newest first, and only while what it wrote still stands."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from workbench.commands.base import Change, Changes, Command, CommandError, Env, Put, Remove, SetLabels
from workbench.commands.datasets import require_dataset_deletable
from workbench.commands.models import require_model_deletable
from workbench.commands.rules import find_model, free_name, live_facts, model_type_of, refuse, require_free_name
from workbench.commands.runs import require_run_deletable
from workbench.state import AnyRecord, AppState, DatasetRecord, Kind, ModelRecord, RunRecord
from workbench.store.deltas import LabelsDelta, RecordDelta, with_fields
from workbench.store.undo import Overwrite, Target
from workbench.store.upgrades import read_record
from workbench.values import validate_stored


class UndoCommand(Command):
    """Take back the actor's newest undoable row that is not undone yet. Fact `target` comes from the store."""

    journal_walk: ClassVar[Literal["undo", "redo"] | None] = "undo"

    def decide(self, state: AppState, env: Env) -> Changes:
        return _bring(state, env, "undo")


class RedoCommand(Command):
    """Bring the row back that the actor undid last, unless something undoable was done since. Fact `target` comes from the store."""

    journal_walk: ClassVar[Literal["undo", "redo"] | None] = "redo"

    def decide(self, state: AppState, env: Env) -> Changes:
        return _bring(state, env, "redo")


def _bring(state: AppState, env: Env, what: Literal["undo", "redo"]) -> Changes:
    target: Target | None = env.facts["target"]
    if target is None:
        raise CommandError(f"There is nothing to {what}.", code="conflict")
    if target.overwritten:
        first = target.overwritten[0]
        more = f" (and {len(target.overwritten) - 1} more)" if len(target.overwritten) > 1 else ""
        raise CommandError(
            f"“{target.row.words}” cannot be {what}ne: {_place_words(first)}{more} was changed since, {_who(first)}.",
            hint="Look at the history, and change it by hand.",
            code="conflict",
        )
    return tuple(_change(state, env, delta) for delta in target.deltas)


def _change(state: AppState, env: Env, delta: LabelsDelta | RecordDelta) -> Change:
    if isinstance(delta, LabelsDelta):
        _check_labels(state, delta)
        return SetLabels(delta.model_id, delta.new)
    now = state.of(delta.kind).get(delta.id)
    if not delta.fields and delta.new is None:
        _require_removable(state, now)
        return Remove(delta.kind, delta.id)
    if not delta.fields:
        assert delta.new is not None
        record: Any = read_record(delta.kind, delta.new)
    else:
        assert now is not None  # what no longer stands was refused before
        record = with_fields(now, ((f.path, f.new) for f in delta.fields))
    return Put(delta.kind, delta.id, _fitting(state, env, now, record))


def _fitting(state: AppState, env: Env, now: Any, record: Any) -> AnyRecord:
    """The record as it can stand in the present state. Raises CommandError if it cannot."""
    update: dict[str, Any] = {}
    if hasattr(record, "updated_at"):
        update["updated_at"] = env.now
    comes_back = record.deleted_at is None and (now is None or now.deleted_at is not None)
    goes = record.deleted_at is not None and now is not None and now.deleted_at is None
    if goes:
        _require_deletable(state, now)
    if hasattr(record, "name") and comes_back:
        update["name"] = free_name(state, _kind(record), record.name, record.id)
    elif hasattr(record, "name") and now is not None and record.name != now.name and record.deleted_at is None:
        require_free_name(state, _kind(record), record.name, record.id)
    if isinstance(record, ModelRecord) and now is not None:
        _check_model(state, env, now, record)
    return record.model_copy(update=update)


def _check_model(state: AppState, env: Env, now: ModelRecord, record: ModelRecord) -> None:
    highest = max((v.label for v in state.labels.get(record.id, {}).values()), default=-1)
    if highest >= len(record.class_names):
        raise CommandError(f"The class {now.class_names[highest]} has labels; clear them first.", "class_names", code="conflict")
    if record.training != now.training:
        model_type = model_type_of(env, record.family, record.model_type)
        checked = validate_stored(model_type, record.architecture, record.training, live_facts(state, env, record))
        refuse(checked.problems, code="conflict")


def _check_labels(state: AppState, delta: LabelsDelta) -> None:
    if all(value is None for value in delta.new.values()):
        return
    model = find_model(state, delta.model_id) if delta.model_id in state.models else None
    if model is not None and any(value is not None and value.label >= len(model.class_names) for value in delta.new.values()):
        raise CommandError("A class of these labels is no longer known to the model.", "labels", code="conflict")


def _require_removable(state: AppState, record: Any) -> None:
    if isinstance(record, ModelRecord) and state.run_ids.get(record.id):
        message = f"The model {record.name} has runs by now, so its creation cannot be undone."
        raise CommandError(message, hint="Delete the model instead.", code="conflict")
    if isinstance(record, DatasetRecord) and any(model.dataset_id == record.id for model in state.models.values()):
        message = f"The dataset {record.name} has models by now, so its import cannot be undone."
        raise CommandError(message, hint="Delete the models, then the dataset.", code="conflict")


def _require_deletable(state: AppState, record: Any) -> None:
    if isinstance(record, ModelRecord):
        require_model_deletable(state, record)
    elif isinstance(record, DatasetRecord):
        require_dataset_deletable(state, record)
    elif isinstance(record, RunRecord):
        require_run_deletable(state, record)


def _kind(record: Any) -> Kind:
    return Kind.MODEL if isinstance(record, ModelRecord) else Kind.DATASET


def _place_words(overwrite: Overwrite) -> str:
    kind, id, *path = overwrite.place
    if kind == "labels":
        return f"the label of sample {path[0]}"
    return f"{'.'.join(path)} of the {kind}" if path else f"the {kind} {id}"


def _who(overwrite: Overwrite) -> str:
    return f"by {overwrite.actor} at {overwrite.at}" if overwrite.actor else "by whom is not known"
