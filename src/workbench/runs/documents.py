"""Writes the documents of a run that ends into its folder, the manifest last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.artefacts import Working
from workbench.runs import archive, folder
from workbench.runs.endings import Ending
from workbench.runs.environment import describe_environment
from workbench.runs.events import StoredEvent
from workbench.runs.job import Job, Summary
from workbench.runs.reports import write_run_report
from workbench.state import CheckpointRef, RunRecord
from workbench.workbench import Workbench


def write_documents(
    workbench: Workbench,
    run: RunRecord,
    working: Working | None,
    job: Job | None,
    ending: Ending,
    summary: Summary | None,
    kept: CheckpointRef | None,
) -> None:
    """Write what there is to write: without a summary neither metrics' summary nor report.

    Raises ArtefactError, DiskFull; what was written before stays.
    """
    root = workbench.artefacts
    command, last = ending
    told = archive.read_all(workbench.store, root, run.id)
    seq = told[-1].seq + 1 if told else 1
    told = (*told, StoredEvent(seq, run.attempt, last.at, last.kind, dict(last.payload)))
    write_history(workbench, run, told)
    if working is not None and job is not None and summary is not None and kept is not None:
        write_results(workbench, run, working, job, summary, kept.path, command.duration_seconds or 0.0)
    if working is not None:
        working.publish_all()
    folder.write_manifest(root, run.id)


def write_history(workbench: Workbench, run: RunRecord, told: Sequence[StoredEvent]) -> None:
    """Write what a run's events tell: its log, its environment and its metrics by epoch."""
    root, base = workbench.artefacts, folder.folder_of(run.id)
    root.write_text(f"{base}/log.txt", folder.log_text(told))
    root.write_json(f"{base}/environment.json", describe_environment(run, workbench.settings.host_name))
    if any(event.kind == "epoch" for event in told):
        root.write_bytes(f"{base}/metrics.parquet", folder.metrics_table(told))


def write_results(workbench: Workbench, run: RunRecord, working: Working, job: Job, summary: Summary, kept: str, seconds: float) -> None:
    """Write what a run reached: its summary, diagnostics and report. `kept` is the kept checkpoint's artefact name."""
    root, base = workbench.artefacts, folder.folder_of(run.id)
    root.write_json(f"{base}/{folder.SUMMARY}", folder.summary_values(run, summary, kept))
    write_run_report(working.path, workbench.state(), run, job, summary, summary.bundle, seconds)
    # Last: where the diagnostics are in their place, everything made of them is there too.
    _place_bundle(working, summary.bundle)


def _place_bundle(working: Working, bundle: Path | None) -> None:
    """Put the diagnostics under their own name at the top of the run's folder."""
    target = working.path / folder.BUNDLE
    if bundle is not None and bundle != target:
        bundle.replace(target)
