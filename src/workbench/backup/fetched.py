"""The artefacts of a backup from object storage."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from workbench.artefacts import ArtefactError, ArtefactRoot, ArtefactsAway, DiskFull
from workbench.artefacts.stored import StoredRoot
from workbench.backup.staging import Staged
from workbench.runs.folder import folder_of
from workbench.state import RunRecord


class Fetched:
    """Names of objects, each fetched when its turn comes. What an active run may replace by then lies there under another name, too.

    `folder` is one of this machine, whose name the copies within the storage have, too.
    """

    def __init__(self, root: ArtefactRoot, folder: Path) -> None:
        assert isinstance(root, StoredRoot)
        self._root, self.folder = root, folder
        self._held = folder.name
        self._names: dict[str, tuple[str, int]] = {}

    def link_active(self, run: RunRecord) -> None:
        """Copy, within the storage, the checkpoints that the store points to now, and remember what else there is."""
        self.link_folder(folder_of(run.id))
        for name in {ref.path for ref in (run.best_checkpoint, run.last_checkpoint) if ref is not None} & self._names.keys():
            held = f"{self._held}/{name}"
            with contextlib.suppress(FileNotFoundError):
                self._root.asked(lambda name=name, held=held: self._root.objects.copy(name, held))
                self._names[name] = (held, self._names[name][1])

    def link_folder(self, name: str) -> None:
        """Remember what lies there."""
        for found, look in self._root.looks(name).items():
            self._names.setdefault(found, (found, look.size))

    def link_run(self, run_id: str) -> None:
        """The same for a run."""
        self.link_folder(folder_of(run_id))

    def files(self) -> list[Staged]:
        """All that is remembered."""
        return [Staged(name, size, lambda source=source: self._fetched(source)) for name, (source, size) in sorted(self._names.items())]

    def remove(self) -> None:
        """Remove the copies within the storage."""
        if any(source.startswith(self._held) for source, _ in self._names.values()):
            # what stays because the storage is away is told from other objects by its name, and cleared away by `trellis gc`
            with contextlib.suppress(ArtefactError, ArtefactsAway):
                self._root.remove(self._held)

    @contextmanager
    def _fetched(self, source: str) -> Iterator[Path]:
        target = self.folder / f"object{PurePosixPath(source).suffix}"
        try:
            # whether it is what a row says is found by its checksum in the archive; one that is not what it says of itself is left out
            try:
                self._root.fetch(source, target)
            except DiskFull:
                raise
            except ArtefactError as error:
                raise FileNotFoundError(source) from error
            yield target
        finally:
            target.unlink(missing_ok=True)
