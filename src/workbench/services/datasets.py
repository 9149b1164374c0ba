"""Datasets as the rest of Trellis uses them: known facts, loading with verification, and their commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.artefacts import ArtefactRoot, UnsafePath, resolve_below
from workbench.commands.base import Command, CommandError, Put
from workbench.commands.datasets import (
    AmendDatasetCommand,
    CreateDatasetCommand,
    RegisterDatasetCommand,
    manifest_problem,
    require_dataset_amendable,
)
from workbench.commands.records import DeleteCommand, NoteCommand, RenameCommand, RestoreCommand
from workbench.commands.rules import find_dataset
from workbench.datasets import DatasetError, ImportProgress, Loaded
from workbench.families import DataSource, Family, all_families, is_built_in, is_imported, source_of
from workbench.fields import ConfigModel, closest
from workbench.looks import Look, Table
from workbench.services.imports import Imported, Imports, readers_of
from workbench.services.stamps import Stamps
from workbench.services.typed import options_of
from workbench.services.uploads import Uploads
from workbench.settings import Settings
from workbench.state import DatasetRecord, Kind
from workbench.store.store import Store

if TYPE_CHECKING:
    from workbench.apart import Apart

SYSTEM = "trellis"
"""The actor of what Trellis does by itself."""

_CALLS = "workbench.apart.calls:of_datasets"


class DatasetService:
    """Datasets of one workbench.

    Attributes:
        uploads: files that were sent and not yet imported.
    """

    def __init__(self, settings: Settings, store: Store, artefacts: ArtefactRoot, apart: Apart | None = None) -> None:
        self._apart = apart
        self._settings = settings
        self._store = store
        self._artefacts = artefacts
        self._imports = Imports(store, artefacts)
        self._stamps = Stamps(artefacts, settings.host_name if settings.executor != "local" else "")
        self.uploads = Uploads(settings.cache / "uploads")

    def catalogue(self) -> tuple[tuple[Family, DataSource], ...]:
        """Every built-in dataset with its family, in order."""
        return tuple((family, source) for family in all_families() for source in family.datasets)

    def sources(self, family: Family) -> tuple[DataSource, ...]:
        """What a model of the family can be made on: its built-in datasets in order, then all others by name."""
        live = (d for d in self._store.state().datasets.values() if d.deleted_at is None and d.family == family.name)
        others = sorted((d for d in live if not is_built_in(d) and _known(d)), key=lambda d: d.name.casefold())
        return tuple(map(self._placed, (*family.datasets, *(source_of(record)[1] for record in others))))

    def register_built_in(self) -> None:
        """Make every built-in dataset known to the store; those known already stay as they are."""
        known = self._store.state().datasets
        for family, source in self.catalogue():
            if source.id not in known:
                self._register(family, source, "preparing")

    def facts(self, dataset_id: str) -> Any:
        """What is known of a dataset without its arrays, in its family's own type. Raises CommandError not_found."""
        find_dataset(self._store.state(), dataset_id, deleted=True)
        return self._source(dataset_id)[1].facts

    def row(self, record: DatasetRecord) -> dict[str, Any]:
        """What lists show of a dataset, as JSON values; nothing for one whose family is not registered."""
        try:
            family, source = source_of(record)
        except KeyError:
            return {}
        return dict(family.data.row(source.facts))

    def status(self, record: DatasetRecord) -> str:
        """A dataset's state in a word: `missing` while the file that people fetch themselves is not there, `available` while it was not read
        yet, else as the record has it."""
        try:
            if self.source(record.id).missing:
                return "missing"
        except CommandError:
            return record.status
        return "available" if record.status == "preparing" and record.manifest is None else record.status

    def tables(self, record: DatasetRecord) -> tuple[Table, ...]:
        """What a dataset is made of, such as its columns; nothing for one whose family is not registered."""
        try:
            family, source = source_of(record)
        except KeyError:
            return ()
        return family.data.tables(source.facts)

    def load(self, dataset_id: str) -> Any:
        """The data, verified against what the store knows of it, and registered as ready.

        Family loaders keep what they read and read again when a file changes, so that loading twice costs little.
        Raises DatasetError naming the file that is missing, damaged or not what it was; CommandError for an unknown id.
        """
        record = find_dataset(self._store.state(), dataset_id)
        family, source = self._source(dataset_id)
        if is_imported(record):
            return self._imports.load(record)
        if source.loader is None:
            raise DatasetError(f"The dataset {record.name} has no source that it can be read from.")
        params = options_of(source.params, record.params)
        try:
            loaded: Loaded = source.loader.load()(self._settings, *([] if params is None else [params]))
        except DatasetError as error:
            if record.manifest is None and not self._placed(source).missing:
                self._register(family, source, "failed", error=str(error))
            raise
        problem = manifest_problem(record, loaded.manifest)
        if problem is not None:
            raise DatasetError(problem)
        if record.status != "ready" or record.manifest is None:
            self._register(family, source, "ready", loaded=loaded)
        self._remember(dataset_id, source)
        return loaded

    def prepare(self, dataset_id: str) -> DatasetRecord:
        """Read the data, and fetch it if need be, so that it is registered as ready. Raises as `load` does."""
        find_dataset(self._store.state(), dataset_id)
        beside = self._beside(self._source(dataset_id)[0])
        if beside is not None:
            return beside.call(_CALLS, "prepare", dataset_id)
        self.load(dataset_id)
        return self._store.state().datasets[dataset_id]

    def require_unchanged(self, dataset_id: str) -> None:
        """Raise DatasetError unless the data is what it was when it became ready, as far as its files tell.

        They are compared by size and time and, where those differ, by hash. Data whose files look otherwise is read, which says what
        is wrong with it, or that only its packing changed. Raises CommandError for an unknown id.
        """
        record = find_dataset(self._store.state(), dataset_id)
        _, source = self._source(dataset_id)
        if is_imported(record):
            problem = self._imports.problem(record)
            if problem is not None:
                raise DatasetError(problem)
            return
        files = self._files(source)
        if record.manifest is None or files is None or (files and not self._stamps.fit(record, files)):
            self.prepare(dataset_id)

    def where(self, source: DataSource) -> str | None:
        """The folder in which a source's files are at hand; None if it has none, or they are not."""
        try:
            files = self._files(source)
        except DatasetError:
            return None
        return os.path.commonpath([path.parent for path in files]) if files else None

    def preview(self, dataset_id: str) -> Look:
        """What some of the data looks like. Raises DatasetError, CommandError."""
        return self._look(dataset_id, "preview")

    def statistics(self, dataset_id: str) -> Look:
        """What the data amounts to. Raises DatasetError, CommandError."""
        return self._look(dataset_id, "statistics")

    def create(
        self, *, actor: str, source: str, name: str | None = None, params: Mapping[str, Any] | None = None, family: str | None = None
    ) -> DatasetRecord:
        """Make a dataset of a source that has parameters, and read it; one that cannot be read is not kept.

        Raises CommandError, DatasetError.
        """
        declared, found = self._parametrised(source, family)
        beside = self._beside(declared)
        if beside is not None:
            return beside.call(_CALLS, "create", actor=actor, source=source, name=name, params=params, family=declared.name)
        typed = options_of(found.params, params)
        assert typed is not None
        if found.foresees is not None:
            found.foresees.load()(typed)
        command = CreateDatasetCommand(
            name=name or found.name, family=declared.name, source=found.id, params=typed.model_dump(mode="json"), free=name is None
        )
        done = self._store.execute(command, actor=actor)
        made = next(change.id for change in done.changes if isinstance(change, Put))
        try:
            self.load(made)
        except BaseException:
            self.delete(actor=actor, dataset_id=made)
            raise
        return self._store.state().datasets[made]

    def import_data(
        self,
        *,
        actor: str,
        path: Path,
        name: str,
        family: str | None = None,
        options: ConfigModel | Mapping[str, Any] | None = None,
        original: str | None = None,
        progress: ImportProgress | None = None,
    ) -> Imported:
        """Make a dataset of a file or folder of people's own. See `Imports.add`.

        Raises DatasetError for a source that cannot be read; CommandError for a name that is taken, or an option that does not fit.
        """
        beside = self._beside(readers_of(family, Path(path))[0])
        if beside is not None:
            return beside.call(
                _CALLS,
                "import_data",
                actor=actor,
                path=path,
                name=name,
                family=family,
                options=options,
                original=original,
                progress=progress,
            )
        return self._imports.add(actor=actor, path=path, name=name, family=family, options=options, original=original, progress=progress)

    def import_named(
        self, *, actor: str, path: str, name: str, family: str | None = None, options: Mapping[str, Any] | None = None
    ) -> Imported:
        """The same for a path below TRELLIS_DATA, for those who may not name any other. Raises CommandError for others."""
        return self.import_data(actor=actor, path=self.place_of(path), name=name, family=family, options=options)

    def place_of(self, path: str) -> Path:
        """Where a file or folder below TRELLIS_DATA lies. Raises CommandError for a path that leads anywhere else."""
        if self._settings.data is None:
            raise CommandError("No folder of datasets is set, so no path can be named.", "path", "Set TRELLIS_DATA, or upload a file.")
        try:
            return resolve_below(self._settings.data, path)
        except (UnsafePath, OSError) as error:
            message = f"{path[:200]!r} is not a path below the folder of datasets; it must be relative, without '..' and without links."
            raise CommandError(message, "path") from error

    def import_uploaded(
        self, *, actor: str, upload: str, name: str, family: str | None = None, options: Mapping[str, Any] | None = None
    ) -> Imported:
        """The same for a file of `uploads`, which goes when it is imported. Raises CommandError not_found for one that is not there."""
        file = self.uploads.get(upload)
        made = self.import_data(actor=actor, path=file.path, name=name, family=family, options=options, original=file.name)
        self.uploads.remove(upload)
        return made

    def problem(self, dataset_id: str) -> str | None:
        """What is wrong with an imported dataset's data, in a sentence; None if nothing is, or if it is not an imported one."""
        record = find_dataset(self._store.state(), dataset_id, deleted=True)
        return self._imports.problem(record) if is_imported(record) else None

    def update(
        self, *, actor: str, dataset_id: str, name: str | None = None, notes: str | None = None,
        amendments: Mapping[str, Any] | None = None, expected_version: int | None = None,
    ) -> DatasetRecord:  # fmt: skip
        """Change name, notes or what the content stands for, all of it or nothing; what is None stays.

        Args:
            amendments: see `amend`. expected_version: the dataset's own (its ETag).

        Raises as `amend` does.
        """
        find_dataset(self._store.state(), dataset_id)
        beside = None if amendments is None else self._beside(self._source(dataset_id)[0])
        if beside is not None:
            return beside.call(
                _CALLS, "update", actor=actor, dataset_id=dataset_id, name=name, notes=notes, amendments=amendments,
                expected_version=expected_version,
            )  # fmt: skip
        wanted: list[Command] = [] if amendments is None else [self._amendment(dataset_id, amendments)]
        if name is not None:
            wanted.append(RenameCommand(kind=Kind.DATASET, id=dataset_id, name=name))
        if notes is not None:
            wanted.append(NoteCommand(kind=Kind.DATASET, id=dataset_id, note=notes))
        expected = None if expected_version is None else (dataset_id, expected_version)
        self._store.execute_all(wanted, actor=actor, expected=expected)
        return find_dataset(self._store.state(), dataset_id)

    def amend(self, *, actor: str, dataset_id: str, amendments: Mapping[str, Any], expected_version: int | None = None) -> DatasetRecord:
        """Say otherwise what an imported dataset's content stands for, such as what its columns are.

        Args:
            amendments: values of the family's `Importing.amendments`. expected_version: the dataset's own (its ETag).

        Raises CommandError for a dataset that was not imported, that something uses, or for amendments that do not fit; DatasetError if
        the data does not allow them; VersionConflict.
        """
        return self.update(actor=actor, dataset_id=dataset_id, amendments=amendments, expected_version=expected_version)

    def _amendment(self, dataset_id: str, amendments: Mapping[str, Any]) -> AmendDatasetCommand:
        record = find_dataset(self._store.state(), dataset_id)
        if not is_imported(record):
            raise CommandError(f"{record.name} is no data of your own, so what it stands for stays.", "dataset_id", code="conflict")
        require_dataset_amendable(self._store.state(), record)
        return AmendDatasetCommand(dataset_id=dataset_id, manifest=self._imports.amended(record, amendments))

    def delete(self, *, actor: str, dataset_id: str, expected_version: int | None = None) -> DatasetRecord:
        """Mark a dataset deleted. Raises CommandError conflict, naming the models that use it, VersionConflict."""
        expected = None if expected_version is None else (dataset_id, expected_version)
        command = DeleteCommand(kind=Kind.DATASET, id=dataset_id)
        return self._store.execute(command, actor=actor, expected=expected).state.datasets[dataset_id]

    def restore(self, *, actor: str, dataset_id: str) -> DatasetRecord:
        """Bring a deleted dataset back, under a free name."""
        return self._store.execute(RestoreCommand(kind=Kind.DATASET, id=dataset_id), actor=actor).state.datasets[dataset_id]

    def source(self, dataset_id: str) -> DataSource:
        """A dataset as one may choose it, with where its files are; deleted or not. Raises CommandError not_found."""
        return self._placed(self._source(dataset_id)[1])

    def _source(self, dataset_id: str) -> tuple[Family, DataSource]:
        try:
            return source_of(self._store.state().datasets[dataset_id])
        except KeyError as error:
            raise CommandError(f"No family has a dataset {dataset_id[:80]!r}.", "dataset_id", code="not_found") from error

    def _placed(self, source: DataSource) -> DataSource:
        """The source, whose description says where files that may need a download, or are people's own to fetch, are."""
        if not (source.needs_download or source.place):
            return source
        folder = self.where(source)
        if source.place:
            words = f"Its file is at hand in {folder}." if folder else self._missing(source)
            return replace(source, description=f"{source.description} {words}", missing="" if folder else words)
        words = f"Its files are at hand in {folder}." if folder else f"{source.download} to download once."
        return replace(source, description=f"{source.description} {words}", needs_download=folder is None)

    def _missing(self, source: DataSource) -> str:
        if self._settings.data is None:
            return f"Its file is missing: set TRELLIS_DATA to a folder of datasets, and put it there as {source.place}."
        return f"Its file is missing: put it at {self._settings.data / source.place}."

    def _files(self, source: DataSource) -> tuple[Path, ...] | None:
        """The files of a source that has any; None while they are not at hand."""
        return tuple(source.files.load()(self._settings) or ()) or None if source.files is not None else ()

    def _remember(self, dataset_id: str, source: DataSource) -> None:
        record = self._store.state().datasets[dataset_id]
        files = self._files(source)
        if files and record.manifest is not None and not self._stamps.fit(record, files):
            self._stamps.keep(record, files)

    def _look(self, dataset_id: str, what: str) -> Look:
        find_dataset(self._store.state(), dataset_id)
        declared = self._source(dataset_id)[0]
        beside, look = self._beside(declared), getattr(declared.data, what)
        if look is not None and beside is not None:
            return beside.call(_CALLS, what, dataset_id)
        return look.load()(self.load(dataset_id)) if look is not None else Look()

    def _beside(self, family: Family) -> Apart | None:
        """What reads a family's data in place of this process; None: this one does."""
        return self._apart if family.data.apart else None

    def _parametrised(self, source: str, family: str | None) -> tuple[Family, DataSource]:
        found = [(f, s) for f in all_families() if family in (None, f.name) for s in f.data.sources if s.params is not None]
        for declared, known in found:
            if known.id == source:
                return declared, known
        guess = closest(source, [known.id for _, known in found])
        hint = f"Did you mean {guess}?" if guess else None
        raise CommandError(f"No source of data with settings is named {source[:80]!r}.", "source", hint, code="not_found")

    def _register(self, family: Family, source: DataSource, status: str, *, loaded: Loaded | None = None, error: str | None = None) -> None:
        command = RegisterDatasetCommand(
            dataset_id=source.id,
            name=source.name,
            family=family.name,
            source=source.id,
            status=status,  # type: ignore[arg-type]
            manifest=loaded.manifest if loaded else None,
            error=error,
        )
        self._store.execute(command, actor=SYSTEM)


def _known(record: DatasetRecord) -> bool:
    """Whether the record's family and source are still declared."""
    try:
        source_of(record)
    except KeyError:
        return False
    return True
