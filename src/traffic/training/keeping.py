"""Which checkpoints of a run lie on disk: the best and the last, each replaced only after its successor is safe."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from traffic.training.checkpoint import Saved, save
from traffic.training.errors import CheckpointError
from traffic.training.record import RunRecord
from traffic.training.state import TrainState

BEST_FILE = "best_file"
Announce = Callable[[Path, str, int], None]


class Keeper:
    """Writes an attempt's checkpoints and removes those that nothing refers to any more.

    A `last` names the file of the best epoch so far, and is written after it: whatever moment a process dies at, the newest `last` and the
    best that it names are both whole.
    """

    def __init__(self, folder: Path, saved: Saved, announce: Announce) -> None:
        self._folder = folder
        self._saved = saved
        self._announce = announce
        self.best: Path | None = None
        self.last: Path | None = None

    def adopt(self, best: Path, epoch: int) -> None:
        """Take over the best checkpoint of an earlier attempt, so that this attempt's folder is complete. Raises CheckpointError."""
        target = self._folder / best.name
        if best != target:
            partial = target.with_name(f".{target.name}.partial")
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(best, partial)
                partial.replace(target)
            except OSError as error:
                raise CheckpointError(
                    f"The best checkpoint {best} of the attempt before cannot be taken over: {error.strerror or error}."
                ) from error
        self.best = target
        self._announce(target, "best", epoch)

    def write_best(self, state: TrainState, record: RunRecord) -> Path:
        """Write the best epoch's state."""
        epoch = int(state.epoch)
        path = self._folder / f"best-{epoch}.msgpack"
        save(path, state, self._saved, {**record.plain(), BEST_FILE: path.name})
        self.best = path
        self._announce(path, "best", epoch)
        return path

    def write_last(self, state: TrainState, record: RunRecord) -> Path:
        """Write where training stands, then remove what it supersedes."""
        epoch, position = int(state.epoch), int(state.position)
        path = self._folder / f"last-{epoch}{f'-step-{position}' if position else ''}.msgpack"
        save(path, state, self._saved, {**record.plain(), BEST_FILE: self.best.name if self.best else None})
        self.last = path
        self._announce(path, "last", epoch)
        self._sweep()
        return path

    def same(self, epoch: int) -> None:
        """Let the best checkpoint, which is where training stands, serve as the last as well."""
        assert self.best is not None
        self.last = self.best
        self._announce(self.best, "last", epoch)
        self._sweep()

    def _sweep(self) -> None:
        for path in self._folder.glob("*.msgpack"):
            if path not in (self.best, self.last):
                path.unlink(missing_ok=True)
