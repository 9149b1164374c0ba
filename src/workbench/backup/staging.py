"""The files of a backup as of one moment: hard links to them, which stay what they are whatever is written afterwards.

Trellis writes files whole, under another name, and renames them; so a link to a file keeps its content when another takes its name.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from workbench.artefacts import ArtefactRoot
from workbench.backup import owned
from workbench.backup.home import ordinary_files
from workbench.runs.folder import MANIFEST, folder_of
from workbench.services.imports import FOLDER as DATASETS
from workbench.settings import Settings
from workbench.state import AppState

TRIES = 3
"""How often a run's folder is linked whose files are replaced meanwhile."""


class Staging:
    """A folder of links, in the artefact root because links do not leave a file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._root = folder.parent

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

    def goes_with(self, file: Path) -> None:
        """Have that unfinished file go with this folder, should this process die."""
        owned.sign(self.folder, beside=(str(file),))

    def files(self) -> list[tuple[str, Path]]:
        """(name, place) of everything linked, by name."""
        return [(path.relative_to(self.folder).as_posix(), path) for path in ordinary_files(self.folder)]


@contextmanager
def staging(settings: Settings) -> Iterator[Staging]:
    """A staging that is gone when the block ends; so are those of dead processes."""
    for path in owned.dead(settings.artefacts, "backup"):
        owned.remove(path)
    with owned.folder(settings.artefacts, "backup") as made:
        yield Staging(made)


def link_active(staged: Staging, state: AppState) -> None:
    """Link what runs that are going on have written so far: to be called while nobody can write to the store.

    A checkpoint that a row names is removed only after the row names another.
    """
    for run in state.active_runs:
        staged.link_folder(folder_of(run.id))


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
    with contextlib.suppress(OSError):
        for path in (artefacts.folder / DATASETS).iterdir():
            if path.name in named or not path.name.startswith("data_"):
                staged.link_folder(f"{DATASETS}/{path.name}")
