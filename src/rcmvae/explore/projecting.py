"""Projections under way: each computed by a process beside the server, with words on how far it is, and a way to cancel it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rcmvae.explore.background import Job, Jobs, Standing
from rcmvae.explore.projection import check_projectable, compute, file_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench


class Projections:
    """The projections that are computed, by model and the file that each is kept in: weights that are replaced leave one behind that may
    still go on. Threads and processes share it.

    Args:
        folder: where notes of what goes on are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._jobs = Jobs("projection", "loading it, which takes a while", "UMAP failed", folder)

    def look(self, workbench: Workbench, model_id: str) -> Standing:
        """How the projection of a model's present weights stands; while it is not there, one of weights before that goes on. Raises
        CommandError for a model without weights."""
        path = file_of(workbench, model_id)
        found = self._jobs.look(str(path), done=path.is_file)
        if found.state in ("none", "failed"):
            for before in self._jobs.of_group(model_id):
                earlier = self._jobs.look(before, done=lambda: False)
                if before != str(path) and earlier.state == "under way":
                    return replace(earlier, words=f"of the weights before, {earlier.words}")
        return found

    def begin(self, workbench: Workbench, model_id: str) -> None:
        """Have it computed, unless it is being computed or is there; one of weights before is ended. Raises CommandError for what cannot be
        projected."""
        check_projectable(workbench, model_id)
        path = file_of(workbench, model_id)
        for before in self._jobs.of_group(model_id):
            if before != str(path):
                self._jobs.cancel(before)
        self._jobs.begin(str(path), lambda job: _work(workbench, model_id, job), done=path.is_file, group=model_id)

    def cancel(self, model_id: str) -> None:
        """End what goes on for a model, whatever weights it is of."""
        for key in self._jobs.of_group(model_id):
            self._jobs.cancel(key)


def projections(workbench: Workbench) -> Projections:
    """Those of a workbench."""
    return workbench.kept.of(Projections, workbench.settings.cache / "jobs")


def _work(workbench: Workbench, model_id: str, job: Job) -> None:
    def told(done: int, total: int) -> None:
        job.share = done / total if total else None
        job.words = f"laying out, {done / total:.0%}" if total else "seeking neighbours"

    if workbench.apart is None:
        compute(workbench, model_id, told)
    else:
        target = f"{compute.__module__}:{compute.__name__}"
        workbench.apart.call(target, model_id, progress=told, cancelled=job.cancelled.is_set)
