"""The report of a run that was trained: what it says at its top, its metrics, and its family's figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.families import family
from workbench.fields import applies, choice_label, field_specs
from workbench.reporting import Report, draw_figures, write_report
from workbench.runs.job import Job, Summary
from workbench.state import ModelRecord, RunRecord


def write_run_report(
    target: Path, run: RunRecord, model: ModelRecord, job: Job, summary: Summary, bundle: Path | None, seconds: float
) -> None:
    """Write `REPORT.md` and `report.html` into `target`. Raises ArtefactError; a figure that breaks is named in the report.

    Args:
        bundle: the diagnostics' file; without one the report has no figures. seconds: how long the run took.
    """
    declaration = family(run.family)
    loaded = None if bundle is None else declaration.load_bundle.load()(bundle)
    figures = () if loaded is None else draw_figures(declaration.figures, loaded, job.resolved, len(job.class_names))
    report = Report(
        title=f"Run #{run.number} of {model.name}",
        facts=_facts(run, model, job, summary, seconds),
        metrics=summary.metrics,
        measures=declaration.measures,
        groups=declaration.metric_groups,
        figures=figures,
        settings=_settings(job, job.resolved),
        notes=["The run was stopped before its last epoch; what follows is of the weights that were kept."]
        if summary.outcome == "stopped"
        else [],
    )
    write_report(target, report)


def _facts(run: RunRecord, model: ModelRecord, job: Job, summary: Summary, seconds: float) -> list[tuple[str, str]]:
    facts = [
        ("Model", model.name),
        ("Dataset", f"{run.dataset_id}, {len(job.sample['train']):,} training items, {len(job.labels):,} labels"),
        ("Epochs", f"{summary.epochs:,}" if summary.best_epoch is None else f"{summary.epochs:,}, best {summary.best_epoch:,}"),
        ("Time", f"{seconds:,.1f} s"),
        ("Seed", str(run.seed)),
        ("Code", run.code_version),
        ("Fingerprint", run.fingerprint),
        ("Run", f"{run.id}, attempt {run.attempt}"),
    ]
    metrics = family(run.family).measures
    known = {name: value for name, value in summary.headline.items() if value is not None}
    return facts + [(metrics.label(name), metrics.text(name, value)) for name, value in known.items()]


def _settings(job: Job, resolved: Mapping[str, Any]) -> list[tuple[str, str]]:
    specs = (*field_specs(type(job.architecture)), *field_specs(type(job.training)))
    return [(spec.label, choice_label(spec, resolved.get(spec.name))) for spec in specs if applies(spec, resolved)]
