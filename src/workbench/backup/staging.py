"""The files of a backup as of one moment.

In a folder these are hard links, which stay what they are whatever is written afterwards: Trellis writes files whole, under another name,
and renames them; so a link to a file keeps its content when another takes its name. In object storage those files of active runs that
a row names are copied there under other names; all others are fetched when their turn comes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from workbench.artefacts import ArtefactRoot, FolderRoot, ordinary_files, root_of
from workbench.backup import owned
from workbench.backup.home import DATABASE
from workbench.runs.folder import MANIFEST, folder_of
from workbench.services.imports import FOLDER as DATASETS
from workbench.settings import Settings
from workbench.state import AppState, RunRecord

TRIES = 3
"""How often a run's folder is linked whose files are replaced meanwhile."""


@dataclass(frozen=True)
class Staged:
    """A file of the backup: its name, its size, and how its content is had as a file of this machine; raises FileNotFoundError if it is gone."""

    name: str
    size: int
    opened: Callable[[], AbstractContextManager[Path]]


class Staging(Protocol):
    """What the artefacts of a backup are gathered in. `folder`: of this machine, for the database, gone with the staging."""

    folder: Path

    def link_active(self, run: RunRecord) -> None:
        """Have what a run that is going on has written so far: nobody can write to the store meanwhile."""
        ...

    def link_folder(self, name: str) -> None:
        """Have every artefact below a folder."""
        ...

    def link_run(self, run_id: str) -> None:
        """Have the files of a run that has ended."""
        ...

    def files(self) -> list[Staged]:
        """All of them, by name."""
        ...


class Links:
    """A folder of links, in the artefact root because links do not leave a file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._root = folder.parent

    def link_active(self, run: RunRecord) -> None:
        """Link all files of the run."""
        self.link_folder(folder_of(run.id))

    def link(self, source: Path, name: str) -> bool:
        """Link a file under that name, or copy it where that cannot be; False if it is gone."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            return True
        except FileNotFoundError:
            return False
        except OSError:
            try:
                shutil.copyfile(source, target, follow_symlinks=False)
            except FileNotFoundError:
                return False
        return True

    def link_folder(self, name: str) -> None:
        """Link every file below a folder of the artefact root, links and unfinished writes left out."""
        for path in ordinary_files(self._root / name):
            self.link(path, path.relative_to(self._root).as_posix())

    def link_run(self, run_id: str) -> None:
        """Link a run's files such that its manifest fits them, if diagnostics are not written again and again meanwhile."""
        name = folder_of(run_id)
        for _ in range(TRIES):
            self.link_folder(name)
            if self._fits(name):
                return
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.link_folder(name)

    def _fits(self, name: str) -> bool:
        try:
            listed = json.loads((self.folder / name / MANIFEST).read_bytes())["files"]
            # sizes tell enough here: what else is wrong was wrong before
            return all((self.folder / name / each["name"]).stat().st_size == each["size"] for each in listed)
        except FileNotFoundError:
            # without a manifest there is nothing to fit; with one, a file was replaced, or is missing at its place, too
            return not (self.folder / name / MANIFEST).is_file() or not (self._root / name / MANIFEST).is_file()
        except (OSError, ValueError, KeyError, TypeError):
            return True

    def files(self) -> list[Staged]:
        """Everything linked, by name."""
        return [here(path.relative_to(self.folder).as_posix(), path) for path in ordinary_files(self.folder) if path.name != DATABASE]


def here(name: str, path: Path) -> Staged:
    """A file of this machine."""
    return Staged(name, size_of(path), lambda: nullcontext(path))


def size_of(path: Path) -> int:
    """Bytes of a file; 0 if it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


@contextmanager
def staging(settings: Settings) -> Iterator[Staging]:
    """A staging that is gone when the block ends; so are those of dead processes."""
    root = root_of(settings)
    place = root.folder if isinstance(root, FolderRoot) else settings.home
    for path in owned.dead(place, "backup"):
        owned.remove(path)
    with owned.folder(place, "backup") as folder:
        if isinstance(root, FolderRoot):
            yield Links(folder)
            return
        # only who keeps artefacts in object storage needs it
        from workbench.backup.fetched import Fetched

        made = Fetched(root, folder)
        try:
            yield made
        finally:
            made.remove()


def link_active(staged: Staging, state: AppState) -> None:
    """Link what runs that are going on have written so far: to be called while nobody can write to the store.

    A checkpoint that a row names is removed only after the row names another.
    """
    for run in state.active_runs:
        staged.link_active(run)


def link_others(staged: Staging, state: AppState, artefacts: ArtefactRoot) -> None:
    """Link the files of all else that the state knows."""
    active = {run.id for run in state.active_runs}
    for run_id in state.runs:
        if run_id not in active:
            staged.link_run(run_id)
    for model_id in state.models:
        staged.link_folder(f"models/{model_id}")
    files = (file.path for record in state.datasets.values() if record.manifest for file in record.manifest.files)
    named = {PurePosixPath(path).parts[1] for path in files if path.startswith(f"{DATASETS}/") and path.count("/") > 1}
    for name in artefacts.names(DATASETS):
        if name in named or not name.startswith("data_"):
            staged.link_folder(f"{DATASETS}/{name}")
