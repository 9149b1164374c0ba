"""The processes of a crew beside its first: each does the work of every run that the first one claims, and tells nobody."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from workbench.artefacts import Artefact, ArtefactRoot, Working
from workbench.collecting import without_collecting
from workbench.families import family
from workbench.runs import folder, leases
from workbench.runs.crews.contract import EXIT_CREW, Crew
from workbench.runs.job import Job
from workbench.runs.memory import give_memory_back
from workbench.runs.preparing import prepare
from workbench.store.errors import StoreError
from workbench.workbench import Workbench

POLL_SECONDS = 0.2
"""How often the first process's row is looked at while it has no run."""

_log = logging.getLogger(__name__)


class Follower:
    """A process of a crew that is not its first."""

    def __init__(self, workbench: Workbench, crew: Crew) -> None:
        self._workbench = workbench
        self._crew = crew
        self._told_to_end = False

    def end(self) -> None:
        """Leave soon: the run in hand stops, for all. Safe in a signal's handler."""
        self._told_to_end = True

    def work(self) -> bool:
        """Train whatever the first process claims, until that has left, or this one is told to. Returns whether it was the first one that left."""
        leader = self._crew.told("")
        done = ""
        while (found := self._next(leader, done)) is not None:
            done = found
            self._follow(found)
            give_memory_back()
        return not self._told_to_end

    def _next(self, leader: str, done: str) -> str | None:
        """The attempt that the first process has claimed, once it is another than the one before; None once that process has left, or
        this one is to."""
        while not self._told_to_end:
            try:
                with self._workbench.store.reading() as connection:
                    row = leases.row(connection, leader)
            except StoreError as error:
                _log.warning("%s", error)
            else:
                if row is None:
                    return None
                if row.run_id is not None and (found := name_of(row.run_id, row.attempt or 0)) != done:
                    return found
            time.sleep(POLL_SECONDS)
        return None

    def _follow(self, seen: str) -> None:
        # what was seen may have ended meanwhile: the first process says which one all begin
        name = self._crew.told(seen)
        run_id, _, attempt = name.partition(" ")
        with _aside(self._workbench.artefacts, folder.folder_of(run_id)) as working:
            job = self._prepared(run_id, int(attempt), working)
            if self._crew.unready(job is not None) or job is None:
                return
            run = self._workbench.state().runs[run_id]
            try:
                with without_collecting():
                    train = family(run.family).trainer.load()
                train(job, Silent(lambda: self._told_to_end))
            except Exception as error:
                if self._crew.lost(error):
                    _log.error("another process of the crew is gone: %s", error)
                    os._exit(EXIT_CREW)
                # what is wrong with the run itself happens to the first process too, which tells it
                _log.warning("the run ended with an error here, too: %s", error)

    def _prepared(self, run_id: str, attempt: int, working: Working) -> Job | None:
        """The job; None, and said in the log, where it cannot be prepared here."""
        try:
            run = self._workbench.state().runs[run_id]
            if run.attempt != attempt:
                raise RuntimeError(f"attempt {attempt} is over")
            return prepare(self._workbench, run, working)
        except Exception:
            _log.exception("run %s cannot be prepared by process %s of its crew", run_id, self._crew.rank)
            return None


def name_of(run_id: str, attempt: int) -> str:
    """How an attempt of a run is named among the processes of a crew."""
    return f"{run_id} {attempt}"


class Silent:
    """A reporter that tells nobody."""

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Nothing."""

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        """Nothing."""

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Nothing."""

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Nothing."""

    def checkpoint(self, path: Path, kind: Literal["best", "last"], epoch: int) -> None:
        """Nothing."""

    def finishing(self) -> None:
        """Nothing."""

    def should_stop(self) -> bool:
        """Whether this process was told to end; runs are stopped through the first one."""
        return self._should_stop()


class _Aside(Working):
    """A folder of this process alone, from which nothing becomes an artefact."""

    def __init__(self, root: ArtefactRoot, name: str, path: Path) -> None:
        self._root = root
        self._name = name
        self.path = path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def name_of(self, path: Path) -> str:
        return f"{self._name}/{path.relative_to(self.path).as_posix()}"

    def publish(self, path: Path) -> Artefact:
        raise NotImplementedError(f"{path} is written by the first process of the crew")

    def publish_all(self) -> None:
        return

    def fetch(self, folder: str) -> None:
        for found in self._root.files(f"{self._name}/{folder}"):
            target = self.path / Path(found.name).relative_to(self._name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._root.path(found.name, found.sha256), target)


@contextmanager
def _aside(root: ArtefactRoot, name: str) -> Iterator[Working]:
    with _Aside(root, name, Path(tempfile.mkdtemp(prefix="trellis-crew-"))) as working:
        yield working
