"""Which checkpoints of a run lie on disk: the best and the last, each replaced only after its successor is safe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

BEST_FILE = "best_file"
"""The name under which a checkpoint's record holds that of the best epoch's file."""

State = TypeVar("State")


class Course(Protocol):
    """What a run remembers of its epochs."""

    def plain(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        ...


class Keeper(Generic[State]):
    """Writes an attempt's checkpoints and removes those that nothing refers to any more.

    A `last` names the file of the best epoch so far, and is written after it: whatever moment a process dies at, the
    newest `last` and the best that it names are both whole.

    Args:
        folder: where they go. write: a file from a state and a record, whole or not at all. place: a state's finished epochs, and finished
            steps of the epoch under way. announce: told of every file that counts from now on. error: raised, with a sentence, where the
            best checkpoint of an earlier attempt cannot be had.
    """

    def __init__(
        self,
        folder: Path,
        *,
        write: Callable[[Path, State, Mapping[str, Any]], None],
        place: Callable[[State], tuple[int, int]],
        announce: Callable[[Path, Literal["best", "last"], int], None],
        error: type[Exception],
    ) -> None:
        self._folder = folder
        self._write = write
        self._place = place
        self._announce = announce
        self._error = error
        self.best: Path | None = None
        self.last: Path | None = None

    def adopt(self, resumed: Path, name: str | None, epoch: int | None) -> None:
        """Take over the best checkpoint that the one to resume from names, so that this attempt's folder is complete.

        Args:
            resumed: the checkpoint. name, epoch: the best one's as its record has them; nothing is done without.
        """
        if not name or epoch is None:
            return
        best, target = resumed.parent / name, self._folder / name
        if not best.is_file():
            raise self._error(f"The checkpoint {resumed} names {name} as its best epoch, which is missing beside it. Start a new run.")
        if best != target:
            partial = target.with_name(f".{target.name}.partial")
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(best, partial)
                partial.replace(target)
            except OSError as error:
                raise self._error(
                    f"The best checkpoint {best} of the attempt before cannot be taken over: {error.strerror or error}."
                ) from error
        self.best = target
        self._announce(target, "best", epoch)

    def write_best(self, state: State, record: Course) -> Path:
        """Write the best epoch's state."""
        epoch, _ = self._place(state)
        path = self._folder / f"best-{epoch}.msgpack"
        self._write(path, state, {**record.plain(), BEST_FILE: path.name})
        self.best = path
        self._announce(path, "best", epoch)
        return path

    def write_last(self, state: State, record: Course) -> Path:
        """Write where training stands, then remove what it supersedes."""
        epoch, position = self._place(state)
        path = self._folder / f"last-{epoch}{f'-step-{position}' if position else ''}.msgpack"
        self._write(path, state, {**record.plain(), BEST_FILE: self.best.name if self.best else None})
        self.last = path
        self._announce(path, "last", epoch)
        self._sweep()
        return path

    def same(self, state: State) -> None:
        """Let the best checkpoint, which is of this state, serve as the last as well."""
        assert self.best is not None
        self.last = self.best
        self._announce(self.best, "last", self._place(state)[0])
        self._sweep()

    def _sweep(self) -> None:
        for path in self._folder.glob("*.msgpack"):
            if path not in (self.best, self.last):
                path.unlink(missing_ok=True)
