"""Commands about models. Architecture is given at creation and never changes; everything else may."""

from __future__ import annotations

from typing import Any, ClassVar

from workbench.commands.base import Changes, Command, CommandError, Env, Put, SetLabels
from workbench.commands.records import put
from workbench.commands.rules import (
    clean_note,
    clean_tags,
    find_dataset,
    find_model,
    free_name,
    live_facts,
    model_type_of,
    next_number,
    refuse,
    require_free_name,
)
from workbench.families import ModelType
from workbench.fields import ConfigError, ConfigModel, fingerprint
from workbench.ids import is_id
from workbench.kinds import RecordKind
from workbench.state import AppState, Kind, LabelValue, ModelRecord, Sample
from workbench.values import derive, edit, flatten, validate, validate_stored


class CreateModelCommand(Command):
    """Create a model from a complete config; what is left out takes its default.

    Args:
        model_id: made beforehand, so that the sample could be saved under it.
        name: default: made from the architecture. values: as given (see `configuration.validate`).
        sample: the drawn sample, saved as an artefact.

    Facts: `dataset` (the family's facts, with the sample's sizes filled in), `initial_labels` (row -> class).
    """

    undoable: ClassVar[bool] = True
    model_id: str
    name: str | None = None
    family: str
    model_type: str
    dataset_id: str
    values: dict[str, Any]
    sample: Sample
    tags: tuple[str, ...] = ()
    note: str = ""

    def decide(self, state: AppState, env: Env) -> Changes:
        _require_new_id(state, self.model_id)
        dataset = find_dataset(state, self.dataset_id)
        if dataset.status != "ready" or dataset.manifest is None:
            raise CommandError(f"The dataset {dataset.name} is not ready ({dataset.status}).", "dataset_id", dataset.error)
        if dataset.family != self.family:
            raise CommandError(f"The dataset {dataset.name} belongs to the family {dataset.family}, not {self.family}.", "dataset_id")
        model_type = model_type_of(env, self.family, self.model_type)
        facts: Any = env.facts["dataset"]
        checked = validate(model_type, self.values, facts)
        refuse(checked.problems)
        architecture, training = checked.configs()
        number, counted = next_number(state, Kind.MODEL)
        model = ModelRecord(
            id=self.model_id, number=number, name=_name(state, self.name, model_type, checked.resolved), family=self.family,
            model_type=self.model_type, dataset_id=dataset.id, sample=self.sample, architecture=_stored(architecture),
            training=_stored(training), fingerprint=fingerprint(model_type.name, architecture, checked.resolved),
            class_names=tuple(dataset.manifest.about.get("class_names", ())), tags=clean_tags(self.tags), note=clean_note(self.note), created_at=env.now,
            updated_at=env.now,
        )  # fmt: skip
        labels = {int(i): LabelValue(label=int(label), source="given") for i, label in env.facts.get("initial_labels", {}).items()}
        return (counted, Put(Kind.MODEL, model.id, model), SetLabels(model.id, labels))

    @property
    def words(self) -> str:
        return f"Create {self.name}" if self.name else "Create a model"


class CloneModelCommand(Command):
    """A new model on the same sample with the same labels, its config changed by `values`, structural ones included.

    Fields that stop applying because of `values` take their default. Weights are not cloned.

    Args:
        new_id: the clone's id. sample: the source's sample, its artefact copied under the clone's id.
    """

    undoable: ClassVar[bool] = True
    model_id: str
    new_id: str
    name: str | None = None
    values: dict[str, Any] = {}  # noqa: RUF012 (pydantic copies it)
    sample: Sample

    def decide(self, state: AppState, env: Env) -> Changes:
        source = find_model(state, self.model_id)
        _require_new_id(state, self.new_id)
        if self.sample.sha256 != source.sample.sha256:
            raise CommandError("A clone has the sample of its source.", "sample")
        model_type = model_type_of(env, source.family, source.model_type)
        derived = derive(model_type, _sections(source), self.values, live_facts(state, env, source))
        refuse(derived.problems)
        architecture, training = derived.configs()
        number, counted = next_number(state, Kind.MODEL)
        update = {
            "id": self.new_id, "number": number, "name": _name(state, self.name, model_type, derived.resolved), "sample": self.sample,
            "architecture": _stored(architecture), "training": _stored(training), "weights": None, "cloned_from": source.id,
            "fingerprint": fingerprint(model_type.name, architecture, derived.resolved), "created_at": env.now, "updated_at": env.now,
        }  # fmt: skip
        clone = source.model_copy(update=update)
        return (counted, Put(Kind.MODEL, clone.id, clone), SetLabels(clone.id, dict(state.labels.get(source.id, {}))))

    @property
    def words(self) -> str:
        return f"Clone as {self.name}" if self.name else "Clone a model"


class UpdateConfigCommand(Command):
    """Change modifiable settings of a model, all of them or none.

    Structural names, unknown names and values out of range are refused together. Fields that stop applying because of
    the edit are reset in the same change. An edit during a run applies from the next run.

    Facts: `dataset`, `validation_rows` (see `live_facts`).
    """

    undoable: ClassVar[bool] = True
    model_id: str
    values: dict[str, Any]

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        model_type = model_type_of(env, model.family, model.model_type)
        edited = edit(model_type, _sections(model), self.values, live_facts(state, env, model))
        refuse(edited.problems)
        assert edited.stored is not None
        return put(env, Kind.MODEL, model, **edited.stored)

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
    """Raise CommandError conflict for a model that has an active run."""
    active = state.active_run(model.id)
    if active is not None:
        message = f"The model {model.name} cannot be deleted while run #{active.number} is {active.state.value}."
        raise CommandError(message, "model_id", "Stop and delete.", code="conflict")


def _require_removable(state: AppState, model: ModelRecord) -> None:
    if state.run_ids.get(model.id):
        message = f"The model {model.name} has runs by now, so its creation cannot be undone."
        raise CommandError(message, hint="Delete the model instead.", code="conflict")


def _require_fitting(state: AppState, env: Env, before: ModelRecord, after: ModelRecord) -> None:
    highest = max((v.label for v in state.labels.get(after.id, {}).values()), default=-1)
    if highest >= len(after.class_names):
        raise CommandError(f"The class {before.class_names[highest]} has labels; clear them first.", "class_names", code="conflict")
    if after.training != before.training:
        model_type = model_type_of(env, after.family, after.model_type)
        checked = validate_stored(model_type, _sections(after), live_facts(state, env, after))
        refuse(checked.problems, code="conflict")


def _require_new_id(state: AppState, id: str) -> None:
    if not is_id(Kind.MODEL, id) or id in state.models:
        raise CommandError(f"{id[:80]!r} cannot be a new model's id.", "model_id")


def _name(state: AppState, given: str | None, model_type: ModelType, resolved: dict[str, Any]) -> str:
    """The given name if it is free, else one made from the architecture."""
    if given is not None and given.strip():
        return require_free_name(state, Kind.MODEL, given)
    return free_name(state, Kind.MODEL, model_type.suggest_name(resolved))


def _sections(model: ModelRecord) -> dict[str, dict[str, Any]]:
    return {"architecture": model.architecture, "training": model.training}


def _stored(config: ConfigModel) -> dict[str, Any]:
    return config.model_dump(mode="json")


MODEL = RecordKind(
    Kind.MODEL, "model", ModelRecord, "model", named=True, deletable=require_model_deletable, removable=_require_removable,
    fits=_require_fitting,
)  # fmt: skip
"""What the core knows of models as records."""
