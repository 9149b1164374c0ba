"""Models as the rest of Trellis uses them: their commands, with samples drawn and facts read at the edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from workbench.commands.rules import find_model, refuse, require_free_name
from workbench.datasets import DatasetError, Loaded
from workbench.families import Family, ModelType
from workbench.fields import ConfigError, architecture_summary, closest
from workbench.ids import new_id
from workbench.services.audit import WeightsAudit
from workbench.services.datasets import DatasetService
from workbench.services.presets import find_preset, values_from
from workbench.services.samples import SampleRows, Samples
from workbench.state import Kind, LabelValue, ModelRecord, RunRecord, Sample
from workbench.store.store import Executed, Store
from workbench.values import parse_given, validate, validate_sample


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
    """Models of one workbench. `expected_version` is the model's own version (`AppState.versions`), its ETag."""

    def __init__(self, store: Store, artefacts: ArtefactRoot, datasets: DatasetService) -> None:
        self._store = store
        self._artefacts = artefacts
        self._datasets = datasets
        self._samples = Samples(artefacts)
        self._weights = WeightsAudit(artefacts)

    def create(
        self,
        *,
        actor: str,
        family: str,
        model_type: str,
        dataset_id: str,
        values: Mapping[str, Any] | str,
        sample: Mapping[str, Any] | None = None,
        preset: str | None = None,
        name: str | None = None,
        tags: Iterable[str] = (),
        note: str = "",
    ) -> ModelRecord:
        """Create a model: check everything, draw its sample, save it, execute. Nothing is left behind if it is refused.

        Args:
            values: flat or nested, older names allowed, JSON text too. sample: the sample's settings.
            preset: name of the preset whose values and sample settings hold where nothing else is given.

        Raises CommandError with every problem found.
        """
        declaration, kind = self._type(family, model_type)
        facts = self._datasets.facts(dataset_id)
        if preset is not None:
            values, sample = values_from(
                kind, find_preset(kind, preset), facts, self._datasets.source(dataset_id), self._parsed(values), sample or {}
            )
        given, settings = self._checked(kind, values, sample or {}, facts)
        if name is not None and name.strip():
            require_free_name(self._store.state(), Kind.MODEL, name)
        loaded = self._loaded(dataset_id)
        rows = self._drawn(declaration, loaded, settings)
        facts = replace(
            self._datasets.facts(dataset_id), n_labelled=len(rows["initially_labelled"]), n_validation=len(rows["validation"])
        )  # fmt: skip
        model_id = new_id(Kind.MODEL)
        saved = self._save_sample(model_id, settings.model_dump(mode="json"), rows)
        labels = {int(i): int(loaded.true_labels[i]) for i in rows["initially_labelled"]}
        command = CreateModelCommand(
            model_id=model_id, name=name, family=family, model_type=model_type, dataset_id=dataset_id, values=given, sample=saved,
            tags=tuple(tags), note=note,
        )  # fmt: skip
        return self._execute_new(command, model_id, actor, {"dataset": facts, "initial_labels": labels})

    def part_words(self, record: ModelRecord) -> str | None:
        """How much of its data a model trains on, in words; None if it trains or validates on all there is."""
        return part_words(record.sample, self._datasets.facts(record.dataset_id).n_train)

    def clone(self, *, actor: str, model_id: str, name: str | None = None, values: Mapping[str, Any] | str | None = None) -> ModelRecord:
        """A new model with the same sample and labels and its config changed by `values`. Raises CommandError."""
        source = find_model(self._store.state(), model_id)
        given = self._parsed(values or {})
        clone_id = new_id(Kind.MODEL)
        try:
            copied = self._artefacts.copy(source.sample.artefact, f"models/{clone_id}/sample.npz")
        except ArtefactError as error:
            raise CommandError(str(error), "sample") from error
        sample = source.sample.model_copy(update={"artefact": copied.name, "sha256": copied.sha256})
        command = CloneModelCommand(model_id=model_id, new_id=clone_id, name=name, values=given, sample=sample)
        return self._execute_new(command, clone_id, actor, self.facts(source))

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
        facts = self.facts(self.get(model_id)) if given else {}
        expected = None if expected_version is None else (model_id, expected_version)
        with self._store.transaction() as connection:
            old = self.get(model_id).training
            for command in wanted:
                done = self._store.execute(command, actor=actor, expected=expected, facts=facts, connection=connection)
                expected = None
        record = done.state.models[model_id]
        differing = [field for field in record.training if record.training[field] != old.get(field)]
        named = self._type(record.family, record.model_type)[1].aliases(given) if given else {}
        flat = set(named) | set(given.get("training", {}))
        waits = bool(differing) and done.state.active_run(model_id) is not None
        return Updated(
            record,
            tuple(n for n in differing if n in flat),
            tuple(n for n in differing if n not in flat),
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
        """What the model may see: dataset row -> label. Raises CommandError not_found."""
        state = self._store.state()
        find_model(state, model_id, deleted=True)
        return state.labels.get(model_id, {})

    def resolved(self, record: ModelRecord | RunRecord) -> dict[str, Any]:
        """Flat values of a model's or a run's configs, autos replaced."""
        _, kind = self._type(record.family, record.model_type)
        architecture, training = kind.architecture(**record.architecture), kind.training(**record.training)
        return kind.resolve(architecture.model_dump() | training.model_dump())

    def summary(self, record: ModelRecord | RunRecord) -> tuple[tuple[str, str], ...]:
        """The architecture in words: ordered (label, value) pairs."""
        _, kind = self._type(record.family, record.model_type)
        return architecture_summary(kind.sections.values(), self.resolved(record))

    def sample_rows(self, record: ModelRecord | RunRecord) -> SampleRows:
        """The index sets of a model's sample. Raises ArtefactError if the file is missing or changed."""
        return self._samples.rows(record.sample)

    def facts(self, record: ModelRecord) -> dict[str, Any]:
        """What commands about a model need to know from files: `dataset`, `validation_rows`, `labelable`, `weights_mismatches`."""
        try:
            rows = self._samples.rows(record.sample)
        except ArtefactError as error:
            raise CommandError(f"The sample of {record.name} cannot be used: {error}", "sample") from error
        return {
            "dataset": self._datasets.facts(record.dataset_id),
            "validation_rows": rows.validation_set,
            "labelable": rows.labelable,
            "weights_mismatches": self._weights.problems(record),
        }

    def _type(self, family: str, model_type: str) -> tuple[Family, ModelType]:
        if family not in families.FAMILIES:
            guess = closest(family, families.FAMILIES)
            raise CommandError(f"There is no family {family[:80]!r}.", "family", f"Did you mean {guess}?" if guess else None)
        declaration = families.family(family)
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

    def _checked(
        self, kind: ModelType, values: Mapping[str, Any] | str, sample: Mapping[str, Any], facts: Any
    ) -> tuple[dict[str, Any], Any]:
        """(given values, typed sample settings), after telling every problem of both at once."""
        given = self._parsed(values)
        checked = validate(kind, given, facts)
        settings, problems = validate_sample(kind, sample, facts)
        refuse([*checked.problems, *(replace(p, path=f"sample.{p.path}") for p in problems)])
        return given, settings

    def _loaded(self, dataset_id: str) -> Loaded:
        try:
            return self._datasets.load(dataset_id)
        except DatasetError as error:
            raise CommandError(str(error), "dataset_id") from error

    def _drawn(self, family: Family, loaded: Loaded, settings: Any) -> dict[str, Any]:
        try:
            return family.draw_sample.load()(loaded, settings)
        except ConfigError as error:
            refuse(replace(p, path=f"sample.{p.path}") for p in error.problems)
            raise
        except DatasetError as error:
            raise CommandError(str(error), "sample") from error

    def _save_sample(self, model_id: str, settings: dict[str, Any], rows: Mapping[str, Any]) -> Sample:
        try:
            saved = self._artefacts.write_arrays(f"models/{model_id}/sample.npz", rows)
        except ArtefactError as error:
            raise CommandError(str(error), "sample") from error
        return Sample(
            settings=settings, artefact=saved.name, sha256=saved.sha256, n_train=len(rows["train"]),
            n_validation=len(rows["validation"]), n_test=len(rows["test"]), n_labelled=len(rows["initially_labelled"]),
        )  # fmt: skip

    def _execute_new(self, command: Command, model_id: str, actor: str, facts: Mapping[str, Any]) -> ModelRecord:
        """Execute a command that makes a model; if it is refused, its artefacts go."""
        try:
            return self._store.execute(command, actor=actor, facts=facts).state.models[model_id]
        except BaseException:
            self._artefacts.remove(f"models/{model_id}")
            raise

    def _execute(
        self, command: Command, model_id: str, actor: str, version: int | None, facts: Mapping[str, Any] | None = None
    ) -> Executed:
        expected = None if version is None else (model_id, version)
        return self._store.execute(command, actor=actor, expected=expected, facts=facts)

    def _on_model(self, command: Command, model_id: str, actor: str, version: int | None) -> ModelRecord:
        return self._execute(command, model_id, actor, version).state.models[model_id]


def part_words(sample: Sample, total: int) -> str | None:
    """How much of `total` a sample trains on, in words; None if what it does not train on it validates on."""
    return f"Trains on {sample.n_train:,} of {total:,}." if sample.n_train + sample.n_validation < total else None
