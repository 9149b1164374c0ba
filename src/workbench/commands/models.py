"""Commands about models. Architecture is given at creation and never changes; everything else may."""

from __future__ import annotations

from typing import Any, ClassVar

from workbench.commands.base import Changes, Command, CommandError, Env, Put, SetLabels
from workbench.commands.records import put
from workbench.commands.rules import (
    ModelFacts,
    clean_note,
    clean_tags,
    facts_now,
    find_dataset,
    find_model,
    free_name,
    model_type_of,
    next_number,
    refuse,
    require_free_name,
)
from workbench.families import ModelType
from workbench.fields import ConfigError, fingerprint
from workbench.ids import is_id
from workbench.kinds import RecordKind
from workbench.roles import Role
from workbench.state import AppState, Kind, ModelRecord
from workbench.sweeps.records import sweeps_of
from workbench.values import Validated, derive, edit, flatten, validate, validate_stored


class CreateModelCommand(Command):
    """Create a model from a complete, validated config.

    Args:
        model_id: made beforehand, so that its files could be saved under it.
        name: default: made from the architecture. config: section -> nested JSON values, as `Validated.stored` gives them.
        payload: what the family keeps with it (`Holding.prepare`).

    Facts: `ModelFacts`, `marks` among them.
    """

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    model_id: str
    name: str | None = None
    family: str
    model_type: str
    dataset_id: str | None = None
    config: dict[str, dict[str, Any]]
    payload: dict[str, Any] = {}  # noqa: RUF012 (pydantic copies it)
    tags: tuple[str, ...] = ()
    note: str = ""

    def decide(self, state: AppState, env: Env) -> Changes:
        _require_new_id(state, self.model_id)
        model_type = model_type_of(env, self.family, self.model_type)
        if self.dataset_id is not None:
            _require_ready(state, self.dataset_id, self.family)
        facts = env.require(ModelFacts)
        checked = validate(model_type, self.config, facts.data)
        refuse(checked.problems)
        number, counted = next_number(state, Kind.MODEL)
        model = ModelRecord(
            id=self.model_id, number=number, name=_name(state, self.name, model_type, checked.resolved), family=self.family,
            model_type=self.model_type, config=checked.stored(), fingerprint=_fingerprint(model_type, checked), payload=self.payload,
            uses=() if self.dataset_id is None else (self.dataset_id,), tags=clean_tags(self.tags), note=clean_note(self.note),
            created_at=env.now, updated_at=env.now,
        )  # fmt: skip
        marked = (SetLabels(model.id, facts.marks),) if facts.marks else ()
        return (counted, Put(Kind.MODEL, model.id, model), *marked)

    @property
    def words(self) -> str:
        return f"Create {self.name}" if self.name else "Create a model"


class CloneModelCommand(Command):
    """A new model on the same data with the same marks, its config changed by `values`, structural ones included.

    Fields that stop applying because of `values` take their default. Weights are not cloned.

    Args:
        new_id: the clone's id. payload: the source's, with files of the clone's own (`Holding.copy`).

    Facts: `ModelFacts` of the source.
    """

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    model_id: str
    new_id: str
    name: str | None = None
    values: dict[str, Any] = {}  # noqa: RUF012 (pydantic copies it)
    payload: dict[str, Any] = {}  # noqa: RUF012

    def decide(self, state: AppState, env: Env) -> Changes:
        source = find_model(state, self.model_id)
        _require_new_id(state, self.new_id)
        model_type = model_type_of(env, source.family, source.model_type)
        derived = derive(model_type, source.config, self.values, facts_now(state, env, source))
        refuse(derived.problems)
        number, counted = next_number(state, Kind.MODEL)
        update = {
            "id": self.new_id, "number": number, "name": _name(state, self.name, model_type, derived.resolved),
            "payload": self.payload, "config": derived.stored(), "weights": None, "cloned_from": source.id,
            "fingerprint": _fingerprint(model_type, derived), "created_at": env.now, "updated_at": env.now,
        }  # fmt: skip
        clone = source.model_copy(update=update)
        marks = dict(state.labels.get(source.id, {}))
        return (counted, Put(Kind.MODEL, clone.id, clone), *((SetLabels(clone.id, marks),) if marks else ()))

    @property
    def words(self) -> str:
        return f"Clone as {self.name}" if self.name else "Clone a model"


class UpdateConfigCommand(Command):
    """Change modifiable settings of a model, all of them or none.

    Structural names, unknown names and values out of range are refused together. Fields that stop applying because of
    the edit are reset in the same change. An edit during a run applies from the next run.

    Facts: `ModelFacts`.
    """

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    model_id: str
    values: dict[str, Any]

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        model_type = model_type_of(env, model.family, model.model_type)
        edited = edit(model_type, model.config, self.values, facts_now(state, env, model))
        refuse(edited.problems)
        assert edited.stored is not None
        return put(env, Kind.MODEL, model, config=edited.stored)

    @property
    def words(self) -> str:
        return _changing(list(self.values))

    def said(self, state: AppState, env: Env) -> str:
        model = state.models.get(self.model_id)
        if model is None:
            return self.words
        model_type = model_type_of(env, model.family, model.model_type)
        try:
            names = list(flatten(model_type, self.values))
        except ConfigError:
            return self.words
        specs = model_type.fields.specs
        return _changing([specs[name].label if name in specs else name for name in names])


def _changing(names: list[str]) -> str:
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"Change {shown}" if names else "Change nothing"


def require_model_deletable(state: AppState, model: ModelRecord) -> None:
    """Raise CommandError conflict for a model that has an active run, or a sweep that runs."""
    sweep = next((sweep for sweep in sweeps_of(state, model.id) if sweep.state == "running"), None)
    if sweep is not None:
        message = f"The model {model.name} cannot be deleted while its sweep {sweep.name} runs."
        raise CommandError(message, "model_id", "Stop the sweep first.", code="conflict")
    active = state.active_run(model.id) or next((run for run in state.active_runs if run.subject.id == model.id), None)
    if active is not None:
        message = f"The model {model.name} cannot be deleted while run #{active.number} is {active.state.value}."
        raise CommandError(message, "model_id", "Stop and delete.", code="conflict")


def _require_removable(state: AppState, model: ModelRecord) -> None:
    if state.run_ids.get(model.id):
        message = f"The model {model.name} has runs by now, so its creation cannot be undone."
        raise CommandError(message, hint="Delete the model instead.", code="conflict")


def _require_fitting(state: AppState, env: Env, before: ModelRecord, after: ModelRecord) -> None:
    model_type = model_type_of(env, after.family, after.model_type)
    then, now = (model_type.holds.payload.model_validate(record.payload) for record in (before, after))
    refuse(model_type.holds.problems(then, now, state.labels.get(after.id, {})), code="conflict")
    if after.config != before.config:
        refuse(validate_stored(model_type, after.config, facts_now(state, env, after)).problems, code="conflict")


def _require_ready(state: AppState, dataset_id: str, family: str) -> None:
    dataset = find_dataset(state, dataset_id)
    if dataset.status != "ready" or dataset.manifest is None:
        raise CommandError(f"The dataset {dataset.name} is not ready ({dataset.status}).", "dataset_id", dataset.error)
    if dataset.family != family:
        raise CommandError(f"The dataset {dataset.name} belongs to the family {dataset.family}, not {family}.", "dataset_id")


def _require_new_id(state: AppState, id: str) -> None:
    if not is_id(Kind.MODEL, id) or id in state.models:
        raise CommandError(f"{id[:80]!r} cannot be a new model's id.", "model_id")


def _name(state: AppState, given: str | None, model_type: ModelType, resolved: dict[str, Any]) -> str:
    """The given name if it is free, else one made from the architecture."""
    if given is not None and given.strip():
        return require_free_name(state, Kind.MODEL, given)
    return free_name(state, Kind.MODEL, model_type.suggest_name(resolved))


def _fingerprint(model_type: ModelType, checked: Validated) -> str:
    return fingerprint(model_type.name, checked.configs(), checked.resolved)


MODEL = RecordKind(
    Kind.MODEL, "model", ModelRecord, "model", named=True, deletable=require_model_deletable, removable=_require_removable,
    fits=_require_fitting,
)  # fmt: skip
"""What the core knows of models as records."""
