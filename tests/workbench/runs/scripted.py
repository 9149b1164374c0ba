"""A family for tests of the run machinery: the real RCM-VAE configs and digits, trained by a script instead of a network.

The trainer's "weights" are one number that depends on every epoch's number and the seed, so that a run that was
resumed wrongly ends with another one. What it does beside is read from the model's note-like training values:
`SCRIPT` in the environment names a JSON file {"epoch_seconds", "fail_at", "raise", "ignore_stop", "prepare_seconds"}.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
from pathlib import Path
from typing import Any

from rcmvae.family import FAMILY as REAL
from workbench import families
from workbench.artefacts import write_atomic
from workbench.families import ImportString
from workbench.runs.job import Job, Reporter, Summary

SCRIPT = "SCRIPTED_TRAINER"


def script() -> dict[str, Any]:
    """What the trainer is to do; re-read at every look, so that a test may change it meanwhile."""
    name = os.environ.get(SCRIPT)
    return json.loads(Path(name).read_text()) if name else {}


def train(job: Job, reporter: Reporter) -> Summary:
    """Train as the script says."""
    total = job.training.max_epochs  # type: ignore[attr-defined]
    state = {"epoch": 0, "value": 1}
    if job.resume_from is not None:
        state = json.loads(job.resume_from.read_bytes())
    reporter.log(f"{len(job.labels)} labels, from epoch {state['epoch']}")
    time.sleep(script().get("prepare_seconds", 0))
    while state["epoch"] < total:
        epoch = state["epoch"] + 1
        _pass_time(reporter, epoch, total)
        if script().get("fail_at") == epoch:
            raise eval(script()["raise"], {})
        state = {"epoch": epoch, "value": (state["value"] * 31 + epoch) % 1_000_003}
        metrics = {"train/loss": 1 / epoch, "validation/loss": 2 / epoch, "train/broken": float("nan")}
        reporter.epoch(epoch, total, metrics, epoch)
        reporter.diagnostics("mixture", {"pi": [0.5, 0.5], "epoch": epoch})
        for kind in ("best", "last"):
            _save(job, reporter, kind, state)
        if reporter.should_stop() and not script().get("ignore_stop"):
            break
    outcome = "completed" if state["epoch"] == total else "stopped"
    kept = job.folder / "checkpoints" / f"best-{state['epoch']}.json"
    if not kept.exists():
        _save(job, reporter, "best", state)
    metrics = {"training": {"loss": {"value": 1 / state["epoch"], "split": "train", "n": 1, "state": "ok", "reason": None}}}
    return Summary(outcome, state["epoch"], kept, {"loss": 1 / state["epoch"], "value": float(state["value"])}, metrics, state["epoch"])


def _pass_time(reporter: Reporter, epoch: int, total: int) -> None:
    began = time.monotonic()
    while time.monotonic() - began < script().get("epoch_seconds", 0):
        reporter.progress(epoch, total, 0.5)
        time.sleep(0.01)
        if reporter.should_stop() and not script().get("ignore_stop"):
            return


def _save(job: Job, reporter: Reporter, kind: Any, state: dict[str, int]) -> None:
    path = job.folder / "checkpoints" / f"{kind}-{state['epoch']}.json"
    write_atomic(path, json.dumps(state).encode())
    reporter.checkpoint(path, kind, state["epoch"])


def audit(path: Path, architecture: Any, resolved: Any) -> list[str]:
    """Nothing is ever wrong with a scripted checkpoint."""
    return []


FAMILY = dataclasses.replace(
    REAL,
    trainer=ImportString("tests.workbench.runs.scripted:train"),
    audit=ImportString("tests.workbench.runs.scripted:audit"),
)


def install() -> None:
    """Put the scripted family in the place of the real one, in this process."""
    families.FAMILIES["rcmvae"] = "tests.workbench.runs.scripted:FAMILY"  # type: ignore[index]
    families.family.cache_clear()


def uninstall() -> None:
    """Put the real one back."""
    families.FAMILIES["rcmvae"] = "rcmvae.family:FAMILY"  # type: ignore[index]
    families.family.cache_clear()


FAST = {"max_epochs": 3}
"""Values of the models that these tests make."""


def make_model(workbench: Any, **values: Any) -> Any:
    """A small model of the digits."""
    return workbench.models.create(
        actor="user:test",
        family="rcmvae",
        model_type="rcmvae",
        dataset_id="digits",
        values={**FAST, **values},
        sample={"num_labeled": 20},
    )
