"""Data that people import: read by a family, kept as an artefact, and read again only while it is what was written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.artefacts import ArtefactError, ArtefactRoot
from workbench.artefacts.errors import missing
from workbench.commands.base import CommandError, Put
from workbench.commands.datasets import ImportDatasetCommand
from workbench.commands.rules import require_free_name
from workbench.datasets import DatasetError, ImportProgress, Loaded, ReadImport, require_file_or_folder
from workbench.families import Family, Importing, all_families, family
from workbench.fields import ConfigModel
from workbench.ids import new_id
from workbench.printing import printable
from workbench.services.typed import options_of
from workbench.state import DatasetFile, DatasetManifest, DatasetRecord, Kind

if TYPE_CHECKING:
    from workbench.store.store import Store

FOLDER = "datasets"
"""Where the artefacts of imported datasets lie, each in a folder of its own."""
ARRAYS = ".npz"
"""Ending of an artefact that holds arrays; any other is a file of its family's own format."""
PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".rar", ".tar", ".tgz"})
"""Endings of files that hold other files."""
_KEPT = 2
_T = TypeVar("_T")


@dataclass(frozen=True)
class Imported:
    """What an import made: the dataset's record, the files that were skipped, what a person should know of the data."""

    record: DatasetRecord
    skipped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


class Imports:
    """Imported datasets of one workbench."""

    def __init__(self, store: Store, artefacts: ArtefactRoot) -> None:
        self._store = store
        self._artefacts = artefacts
        self._kept: dict[tuple[object, ...], Loaded] = {}
        self._sound: dict[str, tuple[object, ...]] = {}

    def add(
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
        """Read a file or folder and keep it as a dataset.

        Nothing is left behind if it is refused.

        Args:
            name: unique among datasets. family: whose data it is; see `readers_of` if not given.
            options: how to read it: the family's options, or values of them as text or JSON.
            original: what the source is called in descriptions, if not by its own name.

        Raises:
            DatasetError: if the source cannot be read. CommandError: if the name is taken, the family takes no imports, or an option
                does not fit.
        """
        declared, readers = readers_of(family, Path(path), original)
        name = require_free_name(self._store.state(), Kind.DATASET, name)
        typed = options_of(readers.options, options)
        require_file_or_folder(Path(path))
        try:
            read: ReadImport = readers.read.load()(path, typed, progress)
        except DatasetError as error:
            if original is not None:  # where the server put what was sent is nobody's business
                error.where = error.where.replace(f"{Path(path).parent}{os.sep}", "")
            raise
        folder = f"{FOLDER}/{new_id(Kind.DATASET)}"
        try:
            command = self._kept_as(folder, read, name, declared.name, original or Path(path).resolve().name)
            done = self._store.execute(command, actor=actor)
        except BaseException:
            self._artefacts.remove(folder)
            raise
        finally:
            if isinstance(read.content, Path):
                read.content.unlink(missing_ok=True)
        made = next(change.id for change in done.changes if isinstance(change, Put))
        return Imported(done.state.datasets[made], read.skipped, read.notices)

    def load(self, record: DatasetRecord) -> Loaded:
        """The data of an imported dataset. Raises DatasetError if its artefact is missing or not what was written."""
        file = _file(record)
        _, readers = readers_of(record.family)

        def read() -> Loaded:
            arrays = file.path.endswith(ARRAYS)
            content = (self._artefacts.read_arrays if arrays else self._artefacts.verified)(file.path, file.sha256)
            return readers.opened.load()(content, record.manifest)

        stamp = self._explained(record, lambda: self._stamp(file))
        key = (*stamp, repr(record.manifest))
        if key not in self._kept:
            loaded = self._explained(record, read)
            while len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = loaded
            self._sound[file.path] = stamp
        return self._kept[key]

    def amended(self, record: DatasetRecord, amendments: Mapping[str, Any]) -> DatasetManifest:
        """What an imported dataset's manifest is with some amendments.

        Raises CommandError if the family takes none, or one does not fit; DatasetError if its artefact cannot be read, or the data
        does not allow them.
        """
        file = _file(record)
        _, readers = readers_of(record.family)
        typed = options_of(readers.amendments, amendments)
        if readers.amend is None or record.manifest is None:
            raise CommandError(f"What {record.name} stands for cannot be changed.", "dataset_id", "Import the data again.")
        content = self._explained(record, lambda: self._artefacts.verified(file.path, file.sha256))
        manifest: DatasetManifest = readers.amend.load()(content, record.manifest, typed)
        kept = {"files": record.manifest.files, "about": {**manifest.about, "original": record.manifest.about.get("original")}}
        return manifest.model_copy(update=kept)

    def problem(self, record: DatasetRecord) -> str | None:
        """What is wrong with the artefact, in a sentence; None if nothing is. The file is read again only when it changes."""
        try:
            file = _file(record)
            stamp = self._explained(record, lambda: self._stamp(file))
            if self._sound.get(file.path) != stamp:
                self._explained(record, lambda: self._artefacts.verified(file.path, file.sha256))
                self._sound[file.path] = stamp
        except DatasetError as error:
            return str(error)
        return None

    def _kept_as(self, folder: str, read: ReadImport, name: str, family: str, original: str) -> ImportDatasetCommand:
        try:
            if isinstance(read.content, Path):
                saved = self._artefacts.write_copy(f"{folder}/data{read.content.suffix}", read.content)
            else:
                saved = self._artefacts.write_arrays(f"{folder}/data{ARRAYS}", read.content)
        except ArtefactError as error:
            raise DatasetError(str(error)) from error
        shown = original if printable(original) else original.encode("unicode_escape").decode()
        files = (DatasetFile(path=saved.name, size=saved.size, sha256=saved.sha256),)
        about = {**read.manifest.about, "original": shown}
        manifest = read.manifest.model_copy(update={"files": files, "about": about})
        return ImportDatasetCommand(name=name, family=family, manifest=manifest)

    def _stamp(self, file: DatasetFile) -> tuple[object, ...]:
        """What changes when the artefact's file does."""
        seen = self._artefacts.look(file.path)
        if seen is None:
            raise missing(file.path, self._artefacts.where)
        return (file.path, file.sha256, *seen.mark)

    def _explained(self, record: DatasetRecord, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except (ArtefactError, OSError, KeyError) as error:
            raise DatasetError(f"The dataset {record.name} cannot be read. {error}") from error


def readers_of(name: str | None, path: Path | None = None, original: str | None = None) -> tuple[Family, Importing]:
    """A family and how it reads people's own data.

    If no name is given: the first family that reads such files, or folders, as `path` is, or if nothing is there, the first that takes imports.
    Raises CommandError if no family takes imports; DatasetError for a file that none reads.

    Args:
        original: what the file is called in words, if not by its own name.
    """
    known = all_families() if name is None else [family(name)] if name in _names() else []
    found = [(declared, declared.data.readers) for declared in known if declared.data.readers is not None]
    fitting = [(declared, readers) for declared, readers in found if path is not None and readers.takes(path)]
    if found and not fitting and name is None and path is not None and path.is_file():
        raise _unread(original or path.name, found)
    for pair in (*fitting, *found):
        return pair
    raise CommandError(f"No family {name or ''} takes in data of your own.".replace("  ", " "), "family")


def _unread(called: str, found: Sequence[tuple[Family, Importing]]) -> DatasetError:
    """No family reads a file that is called so: what each of them reads, and that a packed one is unpacked first."""
    ending = PurePath(called).suffix.lower()
    what = f"ends in {ending[:20]}" if ending else "has no ending"
    reads = "; ".join(f"{declared.title}: {', '.join(readers.extensions)}" for declared, readers in found if readers.extensions)
    todo = "Unpack it first. " if ending in PACKED else ""
    return DatasetError(f"{called[-80:]} {what}; no family reads such files.", where=called[-80:], hint=f"{todo}These are read: {reads}.")


def _names() -> set[str]:
    return {declared.name for declared in all_families()}


def _file(record: DatasetRecord) -> DatasetFile:
    """The artefact of an imported dataset. Raises DatasetError for a record that names none."""
    if record.manifest is None or not record.manifest.files:
        raise DatasetError(f"The dataset {record.name} names no file of its own. Import it again.")
    return record.manifest.files[0]
