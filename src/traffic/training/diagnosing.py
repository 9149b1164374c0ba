"""Results of a run that has ended without them, from its checkpoints: what the end of training would have computed."""

from __future__ import annotations

from pathlib import Path

from traffic.training.checkpoint import load, load_weights
from traffic.training.record import RunRecord
from traffic.training.task import Task
from traffic.training.trainer import engine_of, identity_of, summed_up
from workbench.runs.job import Job, Summary


def diagnose_again(job: Job | Task, kept: Path, last: Path, completed: bool) -> Summary:
    """Compute the results of the weights in `kept`; the run's history is the one that its `last` checkpoint knows.

    Args:
        completed: whether the run came to its end by itself.

    Raises CheckpointError for a checkpoint that does not fit, TrafficError, TrainingError.
    """
    task = job if isinstance(job, Task) else Task.of(job)
    engine, identity = engine_of(task), identity_of(task)
    parameters, *_ = load_weights(kept, engine.recipe, identity)
    record = RunRecord.of(load(last, engine.recipe, identity).record)
    bundle, metrics, numbers, _ = summed_up(task, engine, parameters, record)
    return Summary(
        outcome="completed" if completed else "stopped",
        epochs=len(record.metrics),
        kept=kept,
        headline=numbers,
        metrics=metrics,
        best_epoch=record.best_epoch,
        bundle=bundle,
        seconds=record.seconds,
    )
