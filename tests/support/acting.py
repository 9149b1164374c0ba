"""Run commands executed on a workbench without any worker, for tests of what follows from them."""

from __future__ import annotations

import json
from typing import Any, Literal

from workbench.commands.run_progress import ClaimRunCommand, FinishRunCommand, MarkRunningCommand, RecordCheckpointCommand
from workbench.commands.runs import StartRunCommand
from workbench.ids import new_id
from workbench.state import CheckpointRef, Kind, RunRecord


def queue(bench: Any, model: Any, actor: str = "me", **more: Any) -> RunRecord:
    """Queue a run without seeing to a worker."""
    command = StartRunCommand(run_id=new_id(Kind.RUN), model_id=model.id, framework="jax", code_version="test", **more)
    done = bench.store.execute(command, actor=actor, facts=bench.models.facts(bench.state().models[model.id]))
    run = done.state.runs[command.run_id]
    bench.runs.keep_snapshot(run, done.state.labels.get(model.id, {}))
    return run


def run_to(bench: Any, run: RunRecord, state: Literal["starting", "running"]) -> RunRecord:
    """Claim a queued run, and let it run."""
    bench.store.execute(ClaimRunCommand(run_id=run.id), actor="worker")
    if state == "running":
        bench.store.execute(MarkRunningCommand(run_id=run.id, attempt=run.attempt), actor="worker")
    return bench.state().runs[run.id]


def checkpoint(bench: Any, run: RunRecord, kind: Literal["best", "last"] = "last", epoch: int = 1, **content: Any) -> CheckpointRef:
    """Write a fake checkpoint and record it."""
    name = f"runs/{run.id}/attempt-{run.attempt}/checkpoints/{kind}-{epoch}.json"
    written = bench.artefacts.write_text(name, json.dumps({"fingerprint": run.fingerprint, "epoch": epoch, **content}))
    ref = CheckpointRef(path=name, sha256=written.sha256, epoch=epoch, attempt=run.attempt)
    bench.store.execute(RecordCheckpointCommand(run_id=run.id, attempt=run.attempt, kind=kind, checkpoint=ref), actor="worker")
    return ref


def finish(bench: Any, run: RunRecord, outcome: Literal["completed", "stopped", "failed"] = "completed", **more: Any) -> RunRecord:
    """End a run."""
    bench.store.execute(FinishRunCommand(run_id=run.id, attempt=run.attempt, outcome=outcome, **more), actor="worker")
    return bench.state().runs[run.id]


def trained(bench: Any, model: Any, **content: Any) -> RunRecord:
    """A completed run with one checkpoint, whose weights the model uses."""
    run = run_to(bench, queue(bench, model), "running")
    checkpoint(bench, run, **content)
    return finish(bench, run)
