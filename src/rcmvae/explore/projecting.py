"""Projections under way: each computed by a process beside the server, with words on how far it is, and a way to cancel it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rcmvae.explore.projection import check_projectable, compute, file_of
from workbench.apart import Cancelled

if TYPE_CHECKING:
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class Standing:
    """How a projection stands, and in words."""

    state: Literal["none", "under way", "done", "failed"]
    words: str = ""


@dataclass
class _Job:
    words: str = "loading it, which takes a while"
    failed: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Projections:
    """The projections that this process has computed, by the file that each is kept in. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[Path, _Job] = {}

    def look(self, workbench: Workbench, model_id: str) -> Standing:
        """How the projection of a model's present weights stands. Raises CommandError for a model without weights."""
        path = file_of(workbench, model_id)
        with self._lock:
            job = self._jobs.get(path)
        if job is not None and not job.ended.is_set():
            return Standing("under way", job.words)
        if path.is_file():
            return Standing("done")
        return Standing("failed", job.failed) if job is not None and job.failed else Standing("none")

    def begin(self, workbench: Workbench, model_id: str) -> None:
        """Have it computed, unless it is being computed or is there. Raises CommandError for what cannot be projected."""
        check_projectable(workbench, model_id)
        path = file_of(workbench, model_id)
        with self._lock:
            if path.is_file() or (path in self._jobs and not self._jobs[path].ended.is_set()):
                return
            job = self._jobs[path] = _Job()
        threading.Thread(target=_work, args=(workbench, model_id, job), name="projection", daemon=True).start()

    def cancel(self, workbench: Workbench, model_id: str) -> None:
        """End it, if it goes on."""
        with self._lock:
            job = self._jobs.get(file_of(workbench, model_id))
        if job is not None:
            job.cancelled.set()
            job.ended.wait(10)


def projections(workbench: Workbench) -> Projections:
    """Those of a workbench."""
    return workbench.kept.of(Projections)


def _work(workbench: Workbench, model_id: str, job: _Job) -> None:
    def told(done: int, total: int) -> None:
        job.words = f"laying out, {done / total:.0%}" if total else "seeking neighbours"

    try:
        if workbench.apart is None:
            compute(workbench, model_id, told)
        else:
            target = f"{compute.__module__}:{compute.__name__}"
            workbench.apart.call(target, model_id, progress=told, cancelled=job.cancelled.is_set)
    except Cancelled:
        pass
    except Exception as error:
        job.failed = f"UMAP failed: {error}"
    finally:
        job.ended.set()
