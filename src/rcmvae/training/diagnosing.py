"""Diagnostics of a run that has ended without them, from its checkpoints: what the end of training would have computed."""

from __future__ import annotations

from pathlib import Path

from rcmvae.training.checkpoint import Identity, load
from rcmvae.training.record import RunRecord
from rcmvae.training.summary import diagnose, headline
from rcmvae.training.task import Task
from rcmvae.training.trainer import recipe_of_job
from workbench.runs.job import Job, Summary


def diagnose_again(job: Job | Task, kept: Path, last: Path, completed: bool) -> Summary:
    """Compute the diagnostics of the weights in `kept`; the run's history is the one that its `last` checkpoint knows.

    Args:
        completed: whether the run came to its end by itself.

    Raises CheckpointError for a checkpoint that does not fit, TrainingError.
    """
    job = job if isinstance(job, Task) else Task.of(job)
    recipe = recipe_of_job(job)
    identity = Identity(job.architecture, job.training, job.resolved, job.fingerprint, job.dataset_sha256, job.class_names)
    state = load(kept, recipe.plan, identity).state
    newest = load(last, recipe.plan, identity)
    record = RunRecord.of(newest.record)
    bundle, metrics, _ = diagnose(recipe, state, record, job)
    return Summary(
        outcome="completed" if completed else "stopped",
        epochs=len(record.epochs),
        kept=kept,
        headline=headline(metrics, record),
        metrics=metrics,
        best_epoch=record.best_epoch if recipe.n_validation else None,
        bundle=bundle,
        seconds=record.seconds,
    )
