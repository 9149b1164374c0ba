"""Curves of random labelling under way: each trained by a process of its own beside the server, which ends with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rcmvae.explore.background import Job, Jobs, Standing
from rcmvae.explore.random_curve import about, plan_of
from workbench.families import ImportString

if TYPE_CHECKING:
    from workbench.workbench import Workbench

COMPUTE = "rcmvae.explore.random_compute:compute"
_TELLS_FROM = 0.02
"""The share of the work from which on the rest of the time is told."""


class RandomCurves:
    """Those that are computed, by model: one at a time of each. Threads and processes share it.

    Args:
        folder: where notes of what goes on are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._jobs = Jobs("random-curve", "starting", "The curve failed", folder)

    def look(self, model_id: str) -> Standing:
        """How the work on a model's curve stands: done, if what was asked for last was computed to its end."""
        return self._jobs.look(model_id)

    def begin(self, workbench: Workbench, model_id: str, draws: int) -> None:
        """Have what is missing computed, unless that goes on. Raises CommandError for a model that can have no curve."""
        plan_of(workbench, model_id, draws)
        self._jobs.begin(model_id, lambda job: _work(workbench, model_id, draws, job))

    def cancel(self, model_id: str) -> None:
        """End it, if it goes on; the trainings that are done are kept."""
        self._jobs.cancel(model_id)


def random_curves(workbench: Workbench) -> RandomCurves:
    """Those of a workbench."""
    return workbench.kept.of(RandomCurves, workbench.settings.cache / "jobs")


def _work(workbench: Workbench, model_id: str, draws: int, job: Job) -> None:
    told = _Told(job)
    if workbench.apart is None:
        ImportString(COMPUTE).load()(workbench, model_id, draws, progress=told)
    else:
        workbench.apart.call(COMPUTE, model_id, draws, framework="jax", aside=True, progress=told, cancelled=job.cancelled.is_set)


class _Told:
    """Says how far a curve is, and how long it may go on, judged by what this job has done since its first training began."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._begun: tuple[float, float] | None = None

    def __call__(self, done: int, total: int, fraction: float) -> None:
        share, now = (done + fraction) / total, time.monotonic()
        self._begun = self._begun or (now, share)
        since, first = self._begun
        words = f"training {min(done + 1, total)} of {total}, {share:.0%}"
        if share - first >= _TELLS_FROM:
            words += f", {about((now - since) * (1 - share) / (share - first))} left"
        self._job.share, self._job.words = share, words
