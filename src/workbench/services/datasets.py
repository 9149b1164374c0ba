"""Datasets as the rest of Trellis uses them: known facts, loading with verification, and their commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbench.artefacts import ArtefactRoot, UnsafePath, resolve_below
from workbench.commands.base import Command, CommandError
from workbench.commands.datasets import RegisterDatasetCommand, manifest_problem
from workbench.commands.records import DeleteCommand, NoteCommand, RenameCommand, RestoreCommand
from workbench.commands.rules import find_dataset
from workbench.datasets import DatasetError, ImportOptions, ImportProgress, LoadedDataset
from workbench.families import DatasetFacts, DatasetSource, Family, all_families, is_imported, source_of
from workbench.services.imports import Imports
from workbench.settings import Settings
from workbench.state import DatasetRecord, Kind
from workbench.store.store import Store

SYSTEM = "trellis"
"""The actor of what Trellis does by itself."""


class DatasetService:
    """Datasets of one workbench."""

    def __init__(self, settings: Settings, store: Store, artefacts: ArtefactRoot) -> None:
        self._settings = settings
        self._store = store
        self._imports = Imports(store, artefacts)

    def catalogue(self) -> tuple[tuple[Family, DatasetSource], ...]:
        """Every built-in dataset with its family, in order."""
        return tuple((family, source) for family in all_families() for source in family.datasets)

    def sources(self, family: Family) -> tuple[DatasetSource, ...]:
        """What a model of the family can be made on: its built-in datasets in order, then the imported ones by name."""
        records = (d for d in self._store.state().datasets.values() if is_imported(d) and d.deleted_at is None and d.family == family.name)
        return (*family.datasets, *(source_of(record)[1] for record in sorted(records, key=lambda d: d.name.casefold())))

    def register_built_in(self) -> None:
        """Make every built-in dataset known to the store; those known already stay as they are."""
        known = self._store.state().datasets
        for family, source in self.catalogue():
            if source.id not in known:
                self._register(family, source, "preparing")

    def facts(self, dataset_id: str) -> DatasetFacts:
        """What is known of a dataset without its arrays. Raises CommandError not_found."""
        record = find_dataset(self._store.state(), dataset_id, deleted=True)
        _, source = self._source(dataset_id)
        manifest = record.manifest
        if manifest is None:
            return source.facts
        return replace(
            source.facts,
            shape=tuple(manifest.about["shape"]),
            n=manifest.about["n"],
            class_names=tuple(manifest.about["class_names"]),
        )

    def load(self, dataset_id: str) -> LoadedDataset:
        """The data, verified against what the store knows of it, and registered as ready.

        Family loaders keep what they read and read again when a file changes, so that loading twice costs little.
        Raises DatasetError naming the file that is missing, damaged or not what it was; CommandError for an unknown id.
        """
        record = find_dataset(self._store.state(), dataset_id)
        family, source = self._source(dataset_id)
        if source.loader is None:
            return self._imports.load(record)
        try:
            loaded: LoadedDataset = source.loader.load()(self._settings)
        except DatasetError as error:
            if record.manifest is None:
                self._register(family, source, "failed", error=str(error))
            raise
        problem = manifest_problem(record, loaded.manifest)
        if problem is not None:
            raise DatasetError(problem)
        if record.status != "ready" or record.manifest is None:
            self._register(family, source, "ready", loaded=loaded)
        return loaded

    def import_data(
        self,
        *,
        actor: str,
        path: Path,
        name: str,
        family: str | None = None,
        options: ImportOptions | None = None,
        original: str | None = None,
        progress: ImportProgress | None = None,
    ) -> tuple[DatasetRecord, tuple[str, ...]]:
        """Make a dataset of an `.npz` file or a folder of images: (its record, the files that were skipped). See `Imports.add`.

        Raises DatasetError for a source that cannot be read; CommandError for a name that is taken.
        """
        return self._imports.add(actor=actor, path=path, name=name, family=family, options=options, original=original, progress=progress)

    def import_named(
        self, *, actor: str, path: str, name: str, family: str | None = None, options: ImportOptions | None = None
    ) -> tuple[DatasetRecord, tuple[str, ...]]:
        """The same for a path below TRELLIS_DATA, for those who may not name any other. Raises CommandError for others."""
        if self._settings.data is None:
            raise CommandError("No folder of datasets is set, so no path can be named.", "path", "Set TRELLIS_DATA, or upload an .npz.")
        try:
            place = resolve_below(self._settings.data, path)
        except UnsafePath as error:
            message = f"{path[:200]!r} is not a path below the folder of datasets; it must be relative, without '..' and without links."
            raise CommandError(message, "path") from error
        return self.import_data(actor=actor, path=place, name=name, family=family, options=options)

    def problem(self, dataset_id: str) -> str | None:
        """What is wrong with an imported dataset's data, in a sentence; None if nothing is, or if it is a built-in one."""
        record = find_dataset(self._store.state(), dataset_id, deleted=True)
        return self._imports.problem(record) if is_imported(record) else None

    def update(
        self, *, actor: str, dataset_id: str, name: str | None = None, notes: str | None = None, expected_version: int | None = None
    ) -> DatasetRecord:
        """Change name or notes; `expected_version` is the dataset's own (its ETag). Raises CommandError."""
        wanted: list[Command] = []
        if name is not None:
            wanted.append(RenameCommand(kind=Kind.DATASET, id=dataset_id, name=name))
        if notes is not None:
            wanted.append(NoteCommand(kind=Kind.DATASET, id=dataset_id, note=notes))
        expected = None if expected_version is None else (dataset_id, expected_version)
        self._store.execute_all(wanted, actor=actor, expected=expected)
        return find_dataset(self._store.state(), dataset_id)

    def delete(self, *, actor: str, dataset_id: str) -> DatasetRecord:
        """Mark a dataset deleted. Raises CommandError conflict, naming the models that use it."""
        return self._store.execute(DeleteCommand(kind=Kind.DATASET, id=dataset_id), actor=actor).state.datasets[dataset_id]

    def restore(self, *, actor: str, dataset_id: str) -> DatasetRecord:
        """Bring a deleted dataset back, under a free name."""
        return self._store.execute(RestoreCommand(kind=Kind.DATASET, id=dataset_id), actor=actor).state.datasets[dataset_id]

    def source(self, dataset_id: str) -> DatasetSource:
        """The catalogue entry of a dataset, built-in or imported, deleted or not. Raises CommandError not_found."""
        return self._source(dataset_id)[1]

    def _source(self, dataset_id: str) -> tuple[Family, DatasetSource]:
        try:
            return source_of(self._store.state().datasets[dataset_id])
        except KeyError as error:
            raise CommandError(f"No family has a dataset {dataset_id[:80]!r}.", "dataset_id", code="not_found") from error

    def _register(
        self, family: Family, source: DatasetSource, status: str, *, loaded: LoadedDataset | None = None, error: str | None = None
    ) -> None:
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
