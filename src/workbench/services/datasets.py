"""Datasets as the rest of Trellis uses them: known facts, loading with verification, and their commands."""

from __future__ import annotations

from dataclasses import replace

from workbench.commands.base import CommandError
from workbench.commands.datasets import (
    DeleteDatasetCommand,
    RegisterDatasetCommand,
    RestoreDatasetCommand,
    UpdateDatasetCommand,
    manifest_problem,
)
from workbench.commands.rules import find_dataset
from workbench.datasets import DatasetError, LoadedDataset
from workbench.families import DatasetFacts, DatasetSource, Family, all_families
from workbench.settings import Settings
from workbench.state import DatasetRecord
from workbench.store.store import Store

SYSTEM = "trellis"
"""The actor of what Trellis does by itself."""


class DatasetService:
    """Datasets of one workbench."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def catalogue(self) -> tuple[tuple[Family, DatasetSource], ...]:
        """Every built-in dataset with its family, in order."""
        return tuple((family, source) for family in all_families() for source in family.datasets)

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
        return replace(source.facts, shape=manifest.shape, n=manifest.n, class_names=manifest.class_names)

    def load(self, dataset_id: str) -> LoadedDataset:
        """The data, verified against what the store knows of it, and registered as ready.

        Family loaders keep what they read and read again when a file changes, so that loading twice costs little.
        Raises DatasetError naming the file that is missing, damaged or not what it was; CommandError for an unknown id.
        """
        record = find_dataset(self._store.state(), dataset_id)
        family, source = self._source(dataset_id)
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

    def update(
        self, *, actor: str, dataset_id: str, name: str | None = None, notes: str | None = None, expected_version: int | None = None
    ) -> DatasetRecord:
        """Change name or notes; `expected_version` is the dataset's own (its ETag). Raises CommandError."""
        command = UpdateDatasetCommand(dataset_id=dataset_id, name=name, notes=notes)
        expected = None if expected_version is None else (dataset_id, expected_version)
        return self._store.execute(command, actor=actor, expected=expected).state.datasets[dataset_id]

    def delete(self, *, actor: str, dataset_id: str) -> DatasetRecord:
        """Mark a dataset deleted. Raises CommandError conflict, naming the models that use it."""
        return self._store.execute(DeleteDatasetCommand(dataset_id=dataset_id), actor=actor).state.datasets[dataset_id]

    def restore(self, *, actor: str, dataset_id: str) -> DatasetRecord:
        """Bring a deleted dataset back, under a free name."""
        return self._store.execute(RestoreDatasetCommand(dataset_id=dataset_id), actor=actor).state.datasets[dataset_id]

    def source(self, dataset_id: str) -> DatasetSource:
        """The catalogue entry of a dataset. Raises CommandError not_found."""
        return self._source(dataset_id)[1]

    def _source(self, dataset_id: str) -> tuple[Family, DatasetSource]:
        for family, source in self.catalogue():
            if source.id == dataset_id:
                return family, source
        raise CommandError(f"No family has a dataset {dataset_id[:80]!r}.", "dataset_id", code="not_found")

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
