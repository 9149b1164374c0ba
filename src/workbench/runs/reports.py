"""The report of a run that was trained: what it says at its top, its metrics, and its family's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.commands.rules import title
from workbench.families import family
from workbench.fields import applies, field_specs, value_words
from workbench.kinds import kind_of
from workbench.reporting import Report, draw_figures, write_report
from workbench.runs.job import Job, Summary
from workbench.state import AppState, RunRecord


def write_run_report(
    target: Path, state: AppState, run: RunRecord, job: Job, summary: Summary, bundle: Path | None, seconds: float
) -> None:
    """Write `REPORT.md` and `report.html` into `target`. Raises ArtefactError; a figure that breaks is named in the report.

    Args:
        bundle: the diagnostics' file; without one the report has no figures. seconds: how long the run took.
    """
    declaration = family(run.family)
    kind = declaration.model(run.model_type)
    held = kind.holds.run_payload.model_validate(run.payload)
    subject = title(state.of(run.subject.kind)[run.subject.id])
    loaded = None if bundle is None else declaration.load_bundle.load()(bundle)
    figures = () if loaded is None else draw_figures(declaration.figures, loaded, job.resolved, held)
    report = Report(
        title=f"Run #{run.number} of {subject}",
        facts=_facts(run, subject, [*_data(state, run), *kind.holds.words(held, job.inputs)], summary, seconds),
        metrics=summary.metrics,
        measures=declaration.measures,
        groups=declaration.metric_groups,
        tables=() if loaded is None or declaration.report is None else declaration.report.load()(loaded),
        figures=figures,
        settings=_settings(job, job.resolved),
        notes=["The run was stopped before its last epoch; what follows is of the weights that were kept."]
        if summary.outcome == "stopped"
        else [],
    )
    write_report(target, report)


def _facts(run: RunRecord, subject: str, held: Sequence[tuple[str, str]], summary: Summary, seconds: float) -> list[tuple[str, str]]:
    facts = [
        (kind_of(run.subject.kind).word.capitalize(), subject),
        *held,
        (
            "Epochs",
            f"{summary.epochs:,}"
            if summary.best_epoch is None
            else " ".join((f"{summary.epochs:,}, best {summary.best_epoch:,}", summary.best_by)).strip(),
        ),
        ("Time", f"{seconds:,.1f} s"),
        ("Seed", str(run.seed)),
        ("Code", run.code_version),
        ("Fingerprint", run.fingerprint),
        ("Run", f"{run.id}, attempt {run.attempt}"),
    ]
    metrics = family(run.family).measures
    known = {name: value for name, value in summary.headline.items() if value is not None}
    return facts + [(metrics.label(name), metrics.text(name, value)) for name, value in known.items()]


def _data(state: AppState, run: RunRecord) -> list[tuple[str, str]]:
    dataset_id = state.dataset_of(run)
    return [] if dataset_id is None else [("Dataset", state.datasets[dataset_id].name)]


def _settings(job: Job, resolved: Mapping[str, Any]) -> list[tuple[str, str]]:
    specs = [spec for config in job.configs.values() for spec in field_specs(type(config))]
    return [(spec.label, value_words(spec, resolved.get(spec.name))) for spec in specs if applies(spec, resolved)]
