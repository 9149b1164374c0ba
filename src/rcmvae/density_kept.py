"""Keeping a density that was asked for beside the run whose weights it is of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.artefacts import Working
from workbench.clock import utc_now
from workbench.runs import folder
from workbench.runs.job import Summary
from workbench.runs.preparing import prepare
from workbench.state import RunRecord, Weights

if TYPE_CHECKING:
    from workbench.workbench import Workbench

DENSITY = "density.json"
"""What was asked of a run's weights so far: the checkpoint's path and sha256, and every result with its settings, the newest last."""

SETTINGS = ("split", "samples", "binarisation", "seed")
"""Two results that agree in these are the same question; the newer one takes the older one's place."""


def keep(workbench: Workbench, weights: Weights, result: Mapping[str, Any], metrics: Mapping[str, Mapping[str, Any]]) -> bool:
    """Keep a density of `weights` in their run's folder, and put it into the run's summary and report.

    A run that was resumed since has other weights: its summary then stays as it is. Each file is written whole or not at all.

    Args:
        result: the values and all that they depend on. metrics: the same as records of the summary's group `density`.

    Returns:
        Whether the summary and the report tell it now.

    Raises:
        ArtefactError, DiskFull: a file cannot be written. RunFailure, DatasetError: the report cannot be made again.
    """
    root = workbench.artefacts
    base = folder.folder_of(weights.run_id)
    with workbench.store.transaction():
        # under the write lock, so that two processes that ask at once lose nothing
        run = workbench.state().runs[weights.run_id]
        if not run.state.active:
            folder.remove_manifest(root, run.id)
        root.write_json(f"{base}/{DENSITY}", _with(_kept(workbench, weights), result))
        summary = _summary(workbench, weights)
        if summary is not None:
            summary["metrics"]["density"] = folder.plain(metrics)
            root.write_json(f"{base}/summary.json", summary)
    try:
        if summary is not None:
            with root.working(base) as working:
                _write_report(workbench, run, summary, working)
                working.publish_all()
    finally:
        if not run.state.active:
            folder.write_manifest(root, run.id)
    return summary is not None


def _kept(workbench: Workbench, weights: Weights) -> dict[str, Any]:
    """What is kept of these very weights."""
    name = f"{folder.folder_of(weights.run_id)}/{DENSITY}"
    found = workbench.artefacts.read_json(name) if workbench.artefacts.exists(name) else {}
    mine = {"checkpoint": weights.path, "sha256": weights.sha256}
    return found if all(found.get(key) == value for key, value in mine.items()) else {**mine, "results": []}


def _with(kept: dict[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    others = [old for old in kept["results"] if any(old.get(name) != result.get(name) for name in SETTINGS)]
    return {**kept, "results": [*others, {**folder.plain(result), "at": utc_now()}]}


def _summary(workbench: Workbench, weights: Weights) -> dict[str, Any] | None:
    """The run's summary, if it is about these weights."""
    name = f"{folder.folder_of(weights.run_id)}/summary.json"
    found = workbench.artefacts.read_json(name) if workbench.artefacts.exists(name) else {}
    return found if found.get("kept") == weights.path else None


def _write_report(workbench: Workbench, run: RunRecord, summary: Mapping[str, Any], working: Working) -> None:
    """The run's report once more, from what the run kept."""
    # only here is plotly needed, which no other command of the command line loads
    from workbench.runs.reports import write_run_report

    root, base = workbench.artefacts, folder.folder_of(run.id)
    # a report needs none of the checkpoints that going on with the run would
    job = prepare(workbench, run.model_copy(update={"start_from": None, "attempt": 1}), working)
    bundle = root.path(f"{base}/{folder.BUNDLE}")
    told = Summary(
        outcome=summary["outcome"], epochs=summary["epochs"], kept=Path(summary["kept"]), headline=summary["headline"],
        metrics=summary["metrics"], best_epoch=summary["best_epoch"], seconds=summary["seconds"],
    )  # fmt: skip
    write_run_report(working.path, workbench.state(), run, job, told, bundle if bundle.is_file() else None, run.duration_seconds or 0.0)
