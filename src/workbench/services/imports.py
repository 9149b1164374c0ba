"""Data that people import: read by a family, kept as an artefact, and read again only while it is what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from workbench.artefacts import ArtefactError, ArtefactRoot
from workbench.commands.base import CommandError, Put
from workbench.commands.datasets import ImportDatasetCommand
from workbench.commands.rules import require_free_name
from workbench.datasets import DatasetError, ImportOptions, ImportProgress, LoadedDataset, ReadImport
from workbench.families import Family, Importing, all_families
from workbench.ids import new_id
from workbench.state import DatasetFile, DatasetRecord, Kind
from workbench.store.store import Store

FOLDER = "datasets"
"""Where the artefacts of imported datasets lie, each in a folder of its own."""
_KEPT = 2
_T = TypeVar("_T")


class Imports:
    """Imported datasets of one workbench."""

    def __init__(self, store: Store, artefacts: ArtefactRoot) -> None:
        self._store = store
        self._artefacts = artefacts
        self._kept: dict[tuple[object, ...], LoadedDataset] = {}
        self._sound: dict[str, tuple[object, ...]] = {}

    def add(
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
        """Read a file or folder and keep it as a dataset: (its record, the files that were skipped).

        Nothing is left behind if it is refused.

        Args:
            name: unique among datasets. family: whose data it is; the first that takes imports if not given.
            original: what the source is called in descriptions, if not by its own name.

        Raises:
            DatasetError: if the source cannot be read. CommandError: if the name is taken, or the family takes no imports.
        """
        declared, importing = _importing(family)
        name = require_free_name(self._store.state(), Kind.DATASET, name)
        read: ReadImport = importing.read.load()(path, options or ImportOptions(), progress)
        folder = f"{FOLDER}/{new_id(Kind.DATASET)}"
        try:
            command = self._kept_as(folder, read.dataset, name, declared.name, original or Path(path).resolve().name)
            done = self._store.execute(command, actor=actor)
        except BaseException:
            self._artefacts.remove(folder)
            raise
        made = next(change.id for change in done.changes if isinstance(change, Put))
        return done.state.datasets[made], read.skipped

    def load(self, record: DatasetRecord) -> LoadedDataset:
        """The data of an imported dataset. Raises DatasetError if its artefact is missing or not what was written."""
        assert record.manifest is not None
        file = record.manifest.files[0]

        def read() -> LoadedDataset:
            arrays = self._artefacts.read_arrays(file.path, file.sha256)
            for array in arrays.values():
                array.setflags(write=False)
            return LoadedDataset(arrays["images"], arrays["labels"], arrays["test"], record.manifest)  # type: ignore[arg-type]

        stamp = self._explained(record, lambda: self._stamp(file))
        if stamp not in self._kept:
            loaded = self._explained(record, read)
            while len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[stamp] = loaded
            self._sound[file.path] = stamp
        return self._kept[stamp]

    def problem(self, record: DatasetRecord) -> str | None:
        """What is wrong with the artefact, in a sentence; None if nothing is. The file is read again only when it changes."""
        assert record.manifest is not None
        file = record.manifest.files[0]
        try:
            stamp = self._explained(record, lambda: self._stamp(file))
            if self._sound.get(file.path) != stamp:
                self._explained(record, lambda: self._artefacts.read_bytes(file.path, file.sha256))
                self._sound[file.path] = stamp
        except DatasetError as error:
            return str(error)
        return None

    def _kept_as(self, folder: str, dataset: LoadedDataset, name: str, family: str, original: str) -> ImportDatasetCommand:
        arrays = {"images": dataset.images, "labels": dataset.true_labels, "test": dataset.test}
        try:
            saved = self._artefacts.write_arrays(f"{folder}/data.npz", arrays)
        except ArtefactError as error:
            raise DatasetError(str(error)) from error
        manifest = dataset.manifest.model_copy(update={"files": (DatasetFile(path=saved.name, size=saved.size, sha256=saved.sha256),)})
        shown = original if original.isprintable() else original.encode("unicode_escape").decode()
        manifest = manifest.model_copy(update={"about": {**manifest.about, "original": shown}})
        return ImportDatasetCommand(name=name, family=family, manifest=manifest)

    def _stamp(self, file: DatasetFile) -> tuple[object, ...]:
        """What changes when the artefact's file does."""
        try:
            seen = self._artefacts.path(file.path).stat()
        except OSError:
            self._artefacts.read_bytes(file.path)  # says in words why it cannot be read
            raise
        return (file.path, file.sha256, seen.st_mtime_ns, seen.st_size, seen.st_ino)

    def _explained(self, record: DatasetRecord, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except ArtefactError as error:
            raise DatasetError(f"The dataset {record.name} cannot be read. {error}") from error


def _importing(name: str | None) -> tuple[Family, Importing]:
    for declared in all_families():
        if declared.importing is not None and name in (None, declared.name):
            return declared, declared.importing
    raise CommandError(f"No family {name or ''} takes in data of your own.".replace("  ", " "), "family")
