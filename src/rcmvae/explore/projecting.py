"""Projections under way: each computed by a process beside the server, with words on how far it is, and a way to cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcmvae.explore.background import Job, Jobs, Standing
from rcmvae.explore.projection import check_projectable, compute, file_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench


class Projections:
    """The projections that this process has computed, by the file that each is kept in. Threads share it."""

    def __init__(self) -> None:
        self._jobs = Jobs("projection", "loading it, which takes a while", "UMAP failed")

    def look(self, workbench: Workbench, model_id: str) -> Standing:
        """How the projection of a model's present weights stands. Raises CommandError for a model without weights."""
        path = file_of(workbench, model_id)
        return self._jobs.look(path, done=path.is_file)

    def begin(self, workbench: Workbench, model_id: str) -> None:
        """Have it computed, unless it is being computed or is there. Raises CommandError for what cannot be projected."""
        check_projectable(workbench, model_id)
        path = file_of(workbench, model_id)
        self._jobs.begin(path, lambda job: _work(workbench, model_id, job), done=path.is_file)

    def cancel(self, workbench: Workbench, model_id: str) -> None:
        """End it, if it goes on."""
        self._jobs.cancel(file_of(workbench, model_id))


def projections(workbench: Workbench) -> Projections:
    """Those of a workbench."""
    return workbench.kept.of(Projections)


def _work(workbench: Workbench, model_id: str, job: Job) -> None:
    def told(done: int, total: int) -> None:
        job.share = done / total if total else None
        job.words = f"laying out, {done / total:.0%}" if total else "seeking neighbours"

    if workbench.apart is None:
        compute(workbench, model_id, told)
    else:
        target = f"{compute.__module__}:{compute.__name__}"
        workbench.apart.call(target, model_id, progress=told, cancelled=job.cancelled.is_set)
