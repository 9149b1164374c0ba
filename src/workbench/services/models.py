"""Models as the rest of Trellis uses them: their commands, with samples drawn and facts read at the edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from workbench import families
from workbench.artefacts import ArtefactError, ArtefactRoot
from workbench.commands.base import Command, CommandError
from workbench.commands.models import (
    CloneModelCommand,
    CreateModelCommand,
    UpdateConfigCommand,
)
from workbench.commands.records import DeleteCommand, NoteCommand, RenameCommand, RestoreCommand, TagCommand
from workbench.commands.rules import ModelFacts, find_dataset, find_model, refuse, require_free_name
from workbench.datasets import DatasetError
from workbench.families import Family, ModelType, NewModel, Prepared
from workbench.fields import ConfigError, ConfigModel, FieldProblem, architecture_summary, closest, flat_values
from workbench.ids import new_id
from workbench.runs.memory import memory_limit
from workbench.services.audit import WeightsAudit
from workbench.services.datasets import DatasetService
from workbench.services.presets import dataset_of_preset, find_preset, values_from
from workbench.state import Kind, LabelValue, ModelRecord, RunRecord
from workbench.store.store import Executed, Store
from workbench.values import Validated, flatten, parse_given, resolved_of, split_sample, stored_values, validate, validate_sample


@dataclass(frozen=True)
class Updated:
    """What an edit did.

    Attributes:
        record: the model now. changed: names whose values changed. reset: names set back because they no longer apply.
        note: when the edit takes effect, if not at once; else empty.
    """

    record: ModelRecord
    changed: tuple[str, ...]
    reset: tuple[str, ...]
    note: str


class ModelService:
    """Models of one workbench. `expected_version` is the model's own version (`AppState.versions`), its ETag.

    Args:
        trained_here: whether this host's memory is that of the workers.
    """

    def __init__(self, store: Store, artefacts: ArtefactRoot, datasets: DatasetService, *, trained_here: bool = True) -> None:
        self._trained_here = trained_here
        self._store = store
        self._artefacts = artefacts
        self._datasets = datasets
        self._weights = WeightsAudit(artefacts)

    def create(
        self,
        *,
        actor: str,
        family: str,
        model_type: str,
        dataset_id: str | None = None,
        values: Mapping[str, Any] | str,
        sample: Mapping[str, Any] | None = None,
        preset: str | None = None,
        name: str | None = None,
        tags: Iterable[str] = (),
        note: str = "",
    ) -> ModelRecord:
        """Create a model: check everything, have its family prepare it, execute. Nothing is left behind if it is refused.

        Args:
            values: flat or nested, older names and those of files allowed, JSON text too; settings of the sample may be among them.
            sample: the sample's settings.
            preset: name of the preset whose values and sample settings hold where nothing else is given.

        Raises CommandError with every problem found.
        """
        _, kind = self._type(family, model_type)
        facts = None if dataset_id is None else self._datasets.facts(dataset_id)
        values, sample, told = self._split(kind, self._parsed(values), sample or {})
        if preset is not None:
            values, sample, more = values_from(kind, find_preset(kind, preset), facts, self._source(dataset_id), values, sample)
            told += more
        checked, settings = self._checked(kind, values, sample, facts, told)
        if name is not None and name.strip():
            require_free_name(self._store.state(), Kind.MODEL, name)
        model_id = new_id(Kind.MODEL)
        with self.removed_unless_made(model_id):
            prepared = self._prepared(kind, model_id, dataset_id, facts, settings, checked.sections())
            command = CreateModelCommand(
                model_id=model_id, name=name, family=family, model_type=model_type, dataset_id=dataset_id, config=checked.stored(),
                payload=prepared.payload.model_dump(mode="json"), tags=tuple(tags), note=note,
            )  # fmt: skip
            known = ModelFacts(data=prepared.facts, marks=prepared.marks)
            return self._store.execute(command, actor=actor, facts=known).state.models[model_id]

    def meant(self, family: str | None, model_type: str | None, dataset_id: str | None, preset: str | None) -> tuple[str, str, str]:
        """Family, model type and dataset, where they are left out.

        They are then the dataset that the preset is for, the dataset's family, and its type with the preset or its only one.

        Raises CommandError for a dataset that is not there or has to be named, an unknown family or preset, or a type that has to be named.
        """
        dataset_id = dataset_id or (None if preset is None else dataset_of_preset(preset))
        if dataset_id is None:
            raise CommandError("A model needs data: name a dataset, or a preset that is for one.", "dataset", "See the list of datasets.")
        return (*self._meant(family, model_type, dataset_id, preset), dataset_id)

    def _meant(self, family: str | None, model_type: str | None, dataset_id: str, preset: str | None) -> tuple[str, str]:
        family = family or find_dataset(self._store.state(), dataset_id).family
        if model_type is not None:
            return family, model_type
        known = self._family(family).models
        with_preset = [kind.name for kind in known if any(found.name == preset for found in kind.presets)]
        if with_preset or len(known) == 1:
            return family, (with_preset or [known[0].name])[0]
        names = ", ".join(kind.name for kind in known)
        if preset is None:
            raise CommandError(f"The family {family} has several model types; one must be named.", "model_type", f"Known: {names}.")
        presets = [found.name for kind in known for found in kind.presets]
        guess = closest(preset, presets)
        hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(presets)}."
        raise CommandError(f"There is no preset {preset[:80]!r} in the family {family}.", "preset", hint)

    def part_words(self, record: ModelRecord | RunRecord) -> str | None:
        """How much of its data a model trains on, in words; None if it trains or validates on all there is."""
        kind, dataset_id = self._type(record.family, record.model_type)[1], self._store.state().dataset_of(record)
        facts = None if dataset_id is None else self._datasets.facts(dataset_id)
        typed = kind.holds.run_payload if isinstance(record, RunRecord) else kind.holds.payload
        part = kind.holds.part(facts, typed.model_validate(record.payload))
        return None if part is None else f"Trains on {part}."

    def clone(self, *, actor: str, model_id: str, name: str | None = None, values: Mapping[str, Any] | str | None = None) -> ModelRecord:
        """A new model on the same data with the same marks and its config changed by `values`. Raises CommandError."""
        source = find_model(self._store.state(), model_id)
        given = self._parsed(values or {})
        clone_id = new_id(Kind.MODEL)
        with self.removed_unless_made(clone_id):
            payload = self.copied(source, clone_id)
            command = CloneModelCommand(model_id=model_id, new_id=clone_id, name=name, values=given, payload=payload)
            return self._store.execute(command, actor=actor, facts=self.facts(source)).state.models[clone_id]

    def update_config(self, *, actor: str, model_id: str, values: Mapping[str, Any] | str, expected_version: int | None = None) -> Updated:
        """Change modifiable settings, all or none. Raises CommandError naming every offending field, VersionConflict."""
        return self.change(actor=actor, model_id=model_id, values=self._parsed(values), expected_version=expected_version)

    def get(self, model_id: str) -> ModelRecord:
        """A model that is not deleted. Raises CommandError not_found."""
        return find_model(self._store.state(), model_id)

    def change(
        self,
        *,
        actor: str,
        model_id: str,
        name: str | None = None,
        note: str | None = None,
        tags: Iterable[str] | None = None,
        values: Mapping[str, Any] | None = None,
        expected_version: int | None = None,
    ) -> Updated:
        """Name, note, tags and settings in one go, all or none; what is None stays. Raises CommandError, VersionConflict."""
        given = self._parsed(values or {})
        wanted: list[Command] = []
        if name is not None:
            wanted.append(RenameCommand(kind=Kind.MODEL, id=model_id, name=name))
        if note is not None:
            wanted.append(NoteCommand(kind=Kind.MODEL, id=model_id, note=note))
        if tags is not None:
            wanted.append(TagCommand(kind=Kind.MODEL, id=model_id, tags=tuple(tags)))
        if given or not wanted:
            wanted.append(UpdateConfigCommand(model_id=model_id, values=given))
        facts = self.facts(self.get(model_id)) if given else None
        expected = None if expected_version is None else (model_id, expected_version)
        with self._store.transaction(actor) as connection:
            before = self.get(model_id)
            for command in wanted:
                done = self._store.execute(command, actor=actor, expected=expected, facts=facts, connection=connection)
                expected = None
        record = done.state.models[model_id]
        if record.config == before.config:
            return Updated(record, (), (), "")
        kind = self._type(record.family, record.model_type)[1]
        then, now = stored_values(kind.fields, before.config), stored_values(kind.fields, record.config)
        differing = [path for path in now if now[path] != then.get(path)]
        named = set(flatten(kind, given)) if given else set()
        waits = bool(differing) and done.state.active_run(model_id) is not None
        return Updated(
            record,
            tuple(path for path in differing if path in named),
            tuple(path for path in differing if path not in named),
            "applies from the next run" if waits else "",
        )

    def rename(self, *, actor: str, model_id: str, name: str, expected_version: int | None = None) -> ModelRecord:
        """Give a model another name. Raises CommandError conflict if it is taken."""
        return self._on_model(RenameCommand(kind=Kind.MODEL, id=model_id, name=name), model_id, actor, expected_version)

    def tag(self, *, actor: str, model_id: str, tags: Iterable[str], expected_version: int | None = None) -> ModelRecord:
        """Set a model's tags."""
        return self._on_model(TagCommand(kind=Kind.MODEL, id=model_id, tags=tuple(tags)), model_id, actor, expected_version)

    def note(self, *, actor: str, model_id: str, note: str, expected_version: int | None = None) -> ModelRecord:
        """Set a model's note."""
        return self._on_model(NoteCommand(kind=Kind.MODEL, id=model_id, note=note), model_id, actor, expected_version)

    def delete(self, *, actor: str, model_id: str, expected_version: int | None = None) -> ModelRecord:
        """Mark a model deleted. Raises CommandError conflict while a run of it is active."""
        return self._on_model(DeleteCommand(kind=Kind.MODEL, id=model_id), model_id, actor, expected_version)

    def restore(self, *, actor: str, model_id: str, expected_version: int | None = None) -> ModelRecord:
        """Bring a deleted model back; the record's name says whether " (2)" had to be added."""
        return self._on_model(RestoreCommand(kind=Kind.MODEL, id=model_id), model_id, actor, expected_version)

    def labels(self, model_id: str) -> Mapping[int, LabelValue]:
        """A model's marks: item -> mark. Raises CommandError not_found."""
        state = self._store.state()
        find_model(state, model_id, deleted=True)
        return state.labels.get(model_id, {})

    def resolved(self, record: ModelRecord | RunRecord) -> dict[str, Any]:
        """Flat values of a model's or a run's config, autos replaced."""
        return resolved_of(self._type(record.family, record.model_type)[1], record.config)

    def summary(self, record: ModelRecord | RunRecord) -> tuple[tuple[str, str], ...]:
        """The architecture in words: ordered (label, value) pairs."""
        _, kind = self._type(record.family, record.model_type)
        return architecture_summary(kind.sections.values(), self.resolved(record))

    def read(self, record: ModelRecord) -> Any:
        """What the family reads from a model's files (`Holding.read`). Raises ArtefactError for one missing or changed."""
        holds = self._type(record.family, record.model_type)[1].holds
        if holds.read is None:
            return None
        return holds.read.load()(holds.payload.model_validate(record.payload), self._artefacts)

    @property
    def worker_memory(self) -> int | None:
        """Bytes that a worker may have; None where that is unknown, as it is of other hosts."""
        return memory_limit() if self._trained_here else None

    def facts(self, record: ModelRecord) -> ModelFacts:
        """What commands about a model need to know from files. Raises CommandError if they cannot be read."""
        try:
            read = self.read(record)
        except ArtefactError as error:
            raise CommandError(f"What {record.name} was made on cannot be used: {error}", "sample") from error
        dataset_id = self._store.state().dataset_of(record)
        data = None if dataset_id is None else self._datasets.facts(dataset_id)
        return ModelFacts(data=data, read=read, weights_mismatches=self._weights.problems(record), memory_limit=self.worker_memory)

    def _family(self, family: str) -> Family:
        if family not in families.FAMILIES:
            guess = closest(family, families.FAMILIES)
            raise CommandError(f"There is no family {family[:80]!r}.", "family", f"Did you mean {guess}?" if guess else None)
        return families.family(family)

    def _type(self, family: str, model_type: str) -> tuple[Family, ModelType]:
        declaration = self._family(family)
        try:
            return declaration, declaration.model(model_type)
        except KeyError as error:
            guess = closest(model_type, (m.name for m in declaration.models))
            message = f"The family {family} has no model type {model_type[:80]!r}."
            raise CommandError(message, "model_type", f"Did you mean {guess}?" if guess else None) from error

    def _parsed(self, values: Mapping[str, Any] | str) -> dict[str, Any]:
        try:
            return parse_given(values)
        except ConfigError as error:
            refuse(error.problems)
            raise

    def _split(
        self, kind: ModelType, values: Mapping[str, Any], sample: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any], list[FieldProblem]]:
        """(a model's values, its sample's settings, what is wrong with values that files have for the dataset itself)."""
        try:
            own, settings = split_sample(kind, values, sample)
        except ConfigError as error:
            refuse(error.problems)
            raise
        of_dataset = [name for name in own if name.startswith("data.") and "data" not in kind.sections]
        hint = "Choose the dataset beside the values; `trellis data create`, the Datasets page or layered files make one of other settings."
        told = [FieldProblem(name, "is said of the dataset, not of a model on it", own[name], hint) for name in of_dataset]
        return {name: value for name, value in own.items() if name not in of_dataset}, settings, told

    def _checked(
        self, kind: ModelType, values: Mapping[str, Any] | str, sample: Mapping[str, Any], facts: Any, told: Iterable[FieldProblem] = ()
    ) -> tuple[Validated, Any]:
        """(the validated config, typed sample settings), after telling every problem of both at once, and those that are told already."""
        settings, problems = (None, []) if kind.sample is None and not sample else validate_sample(kind, sample, facts)
        if settings is not None:
            facts = kind.holds.expected(facts, flat_values(settings))
        checked = validate(kind, self._parsed(values), facts)
        refuse([*told, *checked.problems, *(replace(p, path=f"sample.{p.path}") for p in problems)])
        return checked, settings

    def _source(self, dataset_id: str | None) -> Any:
        return None if dataset_id is None else self._datasets.source(dataset_id)

    def _ready(self, dataset_id: str) -> bool:
        record = self._store.state().datasets.get(dataset_id)
        return record is not None and record.status == "ready" and record.manifest is not None

    def _prepared(
        self, kind: ModelType, model_id: str, dataset_id: str | None, facts: Any, settings: Any, configs: Mapping[str, ConfigModel]
    ) -> Prepared:
        """What the family makes for a new model. Raises CommandError."""
        dataset = None
        loads = kind.holds.prepare is not None and kind.holds.loads
        if dataset_id is not None and (loads or not self._ready(dataset_id)):
            try:
                if loads:
                    dataset = self._datasets.load(dataset_id)
                else:
                    self._datasets.prepare(dataset_id)
            except DatasetError as error:
                raise CommandError(str(error), "dataset_id") from error
            facts = self._datasets.facts(dataset_id)
        if kind.holds.prepare is None:
            return Prepared(kind.holds.payload(), facts)
        try:
            return kind.holds.prepare.load()(NewModel(model_id, dataset, facts, settings, configs, self._artefacts))
        except ConfigError as error:
            refuse(replace(p, path=f"sample.{p.path}") for p in error.problems)
            raise
        except (DatasetError, ArtefactError) as error:
            raise CommandError(str(error), "sample") from error

    def copied(self, source: ModelRecord, clone_id: str) -> dict[str, Any]:
        """The source's payload with files of the clone's own. Raises CommandError."""
        holds = self._type(source.family, source.model_type)[1].holds
        if holds.copy is None:
            return source.payload
        try:
            copied = holds.copy.load()(holds.payload.model_validate(source.payload), clone_id, self._artefacts)
        except ArtefactError as error:
            raise CommandError(str(error), "sample") from error
        return copied.model_dump(mode="json")

    @contextmanager
    def removed_unless_made(self, model_id: str) -> Iterator[None]:
        """If a new model is refused, its artefacts go."""
        try:
            yield
        except BaseException:
            self._artefacts.remove(f"models/{model_id}")
            raise

    def _execute(self, command: Command, model_id: str, actor: str, version: int | None, facts: ModelFacts | None = None) -> Executed:
        expected = None if version is None else (model_id, version)
        return self._store.execute(command, actor=actor, expected=expected, facts=facts)

    def _on_model(self, command: Command, model_id: str, actor: str, version: int | None) -> ModelRecord:
        return self._execute(command, model_id, actor, version).state.models[model_id]
